"""Posts for the public."""

from antiphon.core.events.event import Event


class PostMade(Event, frozen=True, tag="post.made"):
    post: str
    network: str
    url: str

    def sentence(self) -> str:
        return f"Posted on {self.network}: {self.url}"


class PostQueued(Event, frozen=True, tag="post.queued"):
    network: str

    def sentence(self) -> str:
        return f"The text for the public goes to {self.network}"


class PostAsked(Event, frozen=True, tag="post.asked"):
    network: str

    def sentence(self) -> str:
        return f"The text for the public waits to be posted on {self.network} by a person"
