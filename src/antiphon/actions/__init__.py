"""One function per verb that writes; each is one transaction."""
