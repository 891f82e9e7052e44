"""A file taken back while it is applied."""

from antiphon.core.configuration import Problem


class Refused(Exception):
    """What can only be known while it is done cannot be; nothing of the file is done then."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem
