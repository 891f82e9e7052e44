"""The drawn map: the same whatever order things come in, nothing lost by folding, nothing on top of anything else."""

from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.layered import NARROW, WIDE, Drawing, Size, Thing, draw

LABELS = ("Affected", "Components", "Applications", "Workflows", "Customers")
KINDS = (("customer", "customers"), ("partner", "partners"))


@st.composite
def reaches(drawing) -> list[Thing]:
    count = drawing(st.integers(1, 60))
    things: list[Thing] = []
    for n in range(count):
        layer = 0 if n == 0 else drawing(st.integers(0, 4))
        by = drawing(st.integers(0, n - 1)) if n else None
        before = () if by is None else (things[by].key, *things[by].before)
        group = drawing(st.sampled_from(KINDS))
        rank = (float(drawing(st.integers(0, 3))),)
        things.append(Thing(key=f"k{n}", label=f"Thing {n}", layer=layer, rank=rank, before=before, group=group))
    return things


def covered(drawing: Drawing) -> int:
    return sum(box.thing.many for box in drawing.boxes)


sizes = st.sampled_from((WIDE, NARROW))


@given(reaches(), sizes, st.randoms())
def test_the_order_in_which_things_come_changes_nothing(things: list[Thing], size: Size, random):
    first = draw(things, LABELS, size)
    random.shuffle(things)
    assert draw(things, LABELS, size) == first


@given(reaches(), sizes)
def test_every_thing_is_named_or_counted_once(things: list[Thing], size: Size):
    drawn = draw(things, LABELS, size)
    assert covered(drawn) == len(things)
    for layer in range(len(LABELS)):
        boxes = [box for box in drawn.boxes if box.thing.layer == layer]
        assert len(boxes) <= size.most
    assert [head.label for head in drawn.heads] == [LABELS[layer] for layer in sorted({t.layer for t in things})]


@given(reaches(), sizes)
def test_no_box_stands_on_another_or_outside(things: list[Thing], size: Size):
    drawn = draw(things, LABELS, size)
    width, height = size.box
    places = {(box.x, box.y) for box in drawn.boxes}
    assert len(places) == len(drawn.boxes)
    for x, y in places:
        assert 0 <= x <= drawn.width - width
        assert 0 <= y <= drawn.height - height
        assert not any((x, y) != (u, v) and abs(x - u) < width and abs(y - v) < height for u, v in places)


def test_those_that_matter_most_are_named():
    failing = Thing(key="db", label="Database", layer=0)
    customers = [
        Thing(key=f"c{n}", label=f"Customer {n}", layer=4, rank=(n != 150,), before=("db",), group=KINDS[0])
        for n in range(213)
    ]
    drawn = draw([failing, *customers], LABELS, NARROW, rest_url="#table")
    assert [box.text for box in drawn.boxes] == ["Database", "Customer 150", "Customer 0", "211 customers"]
    assert drawn.boxes[-1].thing.url == "#table"
    assert [line.many for line in drawn.lines].count(True) == 1


def test_twelve_hundred_are_as_readable_as_twelve():
    def reach(count: int) -> list[Thing]:
        return [Thing(key=f"{n}", label=f"{n}", layer=min(n, 1 + n % 4), before=("0",)) for n in range(count)]

    few, many = draw(reach(12), LABELS, WIDE), draw(reach(1200), LABELS, WIDE)
    assert covered(few) == 12
    assert covered(many) == 1200
    assert len(many.boxes) <= 5 * WIDE.most
    assert many.width == few.width
