"""How many examples a property is tried on: few in the default lane, which is to be quick; many in the slow one."""

import os

from hypothesis import settings

EXAMPLES = int(os.environ.get("ANTIPHON_TEST_EXAMPLES") or 30)

settings.register_profile("core", deadline=None, max_examples=EXAMPLES)
settings.load_profile("core")
