"""A map of what a failure reaches, drawn in layers: where each box stands and each line runs, in units of the drawing.

A layer shows at most so many boxes by name, those that matter most; the rest of each kind is one box that counts them.
The same things give the same drawing, in whatever order they come. A line runs to each box from the nearest one before
it on its way, so that lines between neighbouring layers do not cross.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One box to draw. `before`: the keys of those it is reached by, the nearest first; `rank`: the smaller, the rather
    it is named; `group`: what it is counted as where it is not, in one word and in several."""

    key: str
    label: str
    layer: int
    rank: tuple[float, ...] = ()
    before: tuple[str, ...] = ()
    group: tuple[str, str] = ("thing", "things")
    note: str = ""
    tone: str = ""
    url: str = ""
    title: str = ""
    many: int = 1


@dataclass(frozen=True, slots=True)
class Size:
    """How boxes are laid out: layers as columns (`across`) or as rows, `most` boxes to a layer, room for `letters`."""

    across: bool
    most: int
    box: tuple[int, int]
    gap: tuple[int, int]
    letters: int
    head: int


WIDE: Final = Size(across=True, most=12, box=(166, 36), gap=(46, 8), letters=21, head=26)
NARROW: Final = Size(across=False, most=3, box=(116, 36), gap=(6, 20), letters=16, head=18)


@dataclass(frozen=True, slots=True)
class Box:
    """A thing with its place: `x` and `y` of the upper left corner; `text` and `under` fit into it."""

    thing: Thing
    x: float
    y: float
    text: str
    under: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line from box to box, as the path of a curve; `many`: it stands for more than one; `far`: past a layer."""

    path: str
    many: bool
    far: bool
    tone: str


@dataclass(frozen=True, slots=True)
class Head:
    """The name of a layer, and where it begins."""

    label: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All there is to draw, in a field of `width` and `height`; boxes in the order in which they are read."""

    width: float
    height: float
    size: Size
    heads: tuple[Head, ...] = ()
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()


def draw(things: Iterable[Thing], labels: Sequence[str], size: Size, *, rest_url: str = "") -> Drawing:
    """The map. `labels` name the layers, of which empty ones are left out; counted boxes lead to `rest_url`."""
    everything = {each.key: each for each in sorted(things, key=lambda each: (each.rank, each.label, each.key))}
    stands_for, shown = _folded(everything, size.most, rest_url)
    links = _links(everything, stands_for)
    layers = _ordered(shown, links)
    places = _places(layers, size)
    boxes = tuple(
        Box(thing, *places[thing.key], _short(thing.label, size.letters), _short(thing.note, size.letters + 3))
        for layer in layers.values()
        for thing in layer
    )
    lines = tuple(
        Line(_curve(places[start], places[end], size), count > 1, _far(shown, start, end), shown[end].tone)
        for (start, end), count in sorted(links.items())
    )
    long, wide = len(layers), max((len(layer) for layer in layers.values()), default=0)
    width, height = _extent(long, wide, size)
    heads = tuple(Head(labels[layer], *_corner(at, size)) for at, layer in enumerate(layers))
    return Drawing(width=width, height=height, size=size, heads=heads, boxes=boxes, lines=lines)


def _folded(things: Mapping[str, Thing], most: int, url: str) -> tuple[dict[str, str], dict[str, Thing]]:
    """Which box stands for each thing, and the boxes. Boxes that count take places of their own in the layer."""
    by_layer: dict[int, list[Thing]] = defaultdict(list)
    for thing in things.values():
        by_layer[thing.layer].append(thing)
    stands_for: dict[str, str] = {}
    shown: dict[str, Thing] = {}
    for layer, each in sorted(by_layer.items()):
        named = len(each) if len(each) <= most else max(most - len({thing.group for thing in each}), 1)
        rest: dict[tuple[str, str], list[Thing]] = defaultdict(list)
        for thing in each[named:]:
            rest[thing.group].append(thing)
        boxes = [*each[:named]]
        for group, counted in sorted(rest.items()):
            boxes.append(counted[0] if len(counted) == 1 else _counting(layer, group, counted, url))
            stands_for.update((thing.key, boxes[-1].key) for thing in counted)
        stands_for.update((thing.key, thing.key) for thing in each[:named])
        shown.update((box.key, box) for box in boxes)
    return stands_for, shown


def _counting(layer: int, group: tuple[str, str], counted: Sequence[Thing], url: str) -> Thing:
    tones = Counter(each.tone for each in counted)
    return Thing(
        key=f"{layer} {group[1]}",
        label=f"{len(counted):,} {group[1]}",
        note="more, in the table",
        layer=layer,
        rank=(float("inf"),),
        tone=min(tones, key=lambda tone: (-tones[tone], tone)),
        url=url,
        title=f"{len(counted):,} more {group[1]}; all stand in the table",
        many=len(counted),
    )


def _links(things: Mapping[str, Thing], stands_for: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """From box to box: to each thing from the nearest on its way that stands in an earlier layer."""
    links: Counter[tuple[str, str]] = Counter()
    for thing in things.values():
        nearest = next((key for key in thing.before if key in things and things[key].layer < thing.layer), None)
        if nearest is not None:
            links[stands_for[nearest], stands_for[thing.key]] += 1
    return links


def _ordered(shown: Mapping[str, Thing], links: Collection[tuple[str, str]]) -> dict[int, list[Thing]]:
    """Each layer in the order of the boxes that lead there; boxes that count come last."""
    sources: dict[str, list[str]] = defaultdict(list)
    for start, end in sorted(links):
        sources[end].append(start)
    layers: dict[int, list[Thing]] = defaultdict(list)
    for thing in shown.values():
        layers[thing.layer].append(thing)
    height: dict[str, float] = {}
    ordered: dict[int, list[Thing]] = {}
    for layer, boxes in sorted(layers.items()):
        middle = {box.key: fmean([height[key] for key in sources[box.key]] or [0.5]) for box in boxes}
        boxes.sort(key=lambda box: (box.many > 1, middle[box.key], box.rank, box.label, box.key))
        height.update((box.key, (at + 0.5) / len(boxes)) for at, box in enumerate(boxes))
        ordered[layer] = boxes
    return ordered


def _places(layers: Mapping[int, Sequence[Thing]], size: Size) -> dict[str, tuple[float, float]]:
    """Each layer in the middle of the field's other side."""
    most = max((len(layer) for layer in layers.values()), default=0)
    places = {}
    for at, layer in enumerate(layers.values()):
        x, y = _corner(at, size)
        for place, thing in enumerate(layer):
            along = place + (most - len(layer)) / 2
            if size.across:
                places[thing.key] = (x, y + size.head + along * (size.box[1] + size.gap[1]))
            else:
                places[thing.key] = (along * (size.box[0] + size.gap[0]), y + size.head)
    return places


def _corner(layer: int, size: Size) -> tuple[float, float]:
    """Where a layer begins, its name above it."""
    if size.across:
        return layer * (size.box[0] + size.gap[0]), 0
    return 0, layer * (size.head + size.box[1] + size.gap[1])


def _extent(long: int, wide: int, size: Size) -> tuple[float, float]:
    (width, height), (gap_x, gap_y) = size.box, size.gap
    if size.across:
        return max(long * (width + gap_x) - gap_x, width), size.head + max(wide * (height + gap_y) - gap_y, height)
    return max(wide * (width + gap_x) - gap_x, width), max(long * (size.head + height + gap_y) - gap_y, height)


def _curve(start: tuple[float, float], end: tuple[float, float], size: Size) -> str:
    """From the side that looks on to the side that looks back."""
    width, height = size.box
    if size.across:
        x0, y0, x1, y1 = start[0] + width, start[1] + height / 2, end[0], end[1] + height / 2
        bend = min((x1 - x0) / 2, size.gap[0] * 0.9)
        return f"M{x0:g} {y0:g}C{x0 + bend:g} {y0:g} {x1 - bend:g} {y1:g} {x1:g} {y1:g}"
    x0, y0, x1, y1 = start[0] + width / 2, start[1] + height, end[0] + width / 2, end[1]
    bend = min((y1 - y0) / 2, 30)
    return f"M{x0:g} {y0:g}C{x0:g} {y0 + bend:g} {x1:g} {y1 - bend:g} {x1:g} {y1:g}"


def _far(shown: Mapping[str, Thing], start: str, end: str) -> bool:
    """Whether there are boxes in a layer between the two."""
    return any(shown[start].layer < each.layer < shown[end].layer for each in shown.values())


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"
