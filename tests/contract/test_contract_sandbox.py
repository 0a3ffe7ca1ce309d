"""Does the sandbox answer as the API is documented to, whatever it is asked? Every answer is checked.

All 112 operations, then requests that are made up at random from earlier answers, half of them with something wrong
about them. Our own excerpt of the API's schema is what answers are held against; with ``LIGHTFIELD_OPENAPI=FILE`` the
full document too.
"""

from collections import Counter
from collections.abc import Iterator
from operator import attrgetter

import pytest

from lightfield.testing import Sandbox
from tests.contract.facts import OPERATIONS, Operation
from tests.contract.generated.author import BY_NAME
from tests.contract.generated.invariants import broken
from tests.contract.generated.play import Answer, Player
from tests.contract.schema import CODES, TYPES, answer_misfits, error_misfits

SEEDS = (1, 2, 3)
REQUESTS = 1000

SEQUENCES = (
    "create create retrieve_draft update_draft publish_draft start_test retrieve_test retrieve list activate "
    "update_enrollments list_enrollments retrieve_enrollment list_messages retrieve_message retrieve_performance "
    "list_template_variables deactivate update_draft discard_draft"
)
RANKS = {"create": 0, "log": 0, "enrich": 0, "complete": 1, "merge_": 1, "delete": 3, "restore": 4}
"""When the operations come whose names begin so; all others come third."""


def _rank(fact: Operation) -> int:
    """Let there be records when operations need them, and let them not be deleted too early."""
    name = fact.operation.partition(".")[2]
    return next((rank for beginning, rank in RANKS.items() if name.startswith(beginning)), 2)


def _tour(player: Player) -> dict[str, Answer]:
    """Make every operation; the last answer of each counts."""
    plain = sorted((fact for fact in OPERATIONS if fact.resource != "sequence"), key=_rank)
    names = ["file.create"] * 12 + ["account.create", "opportunity.create"] * 20
    names += [*(fact.operation for fact in plain), *(f"sequence.{name}" for name in SEQUENCES.split())]
    return {name: player.call(name) for name in names}


@pytest.fixture(scope="module")
def tour() -> Iterator[tuple[dict[str, Answer], Player]]:
    with Sandbox(opportunities=12, rate_limit=100_000) as sandbox:
        player = Player(sandbox, 0)
        yield _tour(player), player
        player.close()


@pytest.mark.parametrize("fact", OPERATIONS, ids=attrgetter("operation"))
def test_operation_answers_by_the_schema(fact: Operation, tour: tuple[dict[str, Answer], Player]) -> None:
    answers, player = tour
    faults = [fault for fault in player.faults if fault.startswith(f"{fact.operation} ")]
    assert not faults, "\n".join(faults[:10])
    assert answers[fact.operation].status == 200, answers[fact.operation].document


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_requests_are_answered_as_documented(seed: int) -> None:
    with Sandbox(opportunities=0, seed=seed, rate_limit=100_000) as sandbox:
        player = Player(sandbox, seed)
        player.statuses.clear()
        player.play_some(REQUESTS)
        statuses = Counter(status for _, status in player.statuses.elements())
        found = {name for name, status in player.statuses if status == 200}
        player.faults += broken(player)
        player.close()
    assert not player.faults, "\n".join(player.faults[:10])
    assert statuses.total() == REQUESTS
    assert statuses[200] > REQUESTS / 2 > statuses[400] > 100
    assert {200, 400, 401, 404, 415, 422} <= statuses.keys()
    assert len(found) > 0.9 * len(BY_NAME), BY_NAME.keys() - found


def test_initial_records_are_consistent() -> None:
    with Sandbox(opportunities=30, rate_limit=100_000) as sandbox:
        player = Player(sandbox, 0)
        faults = broken(player)
        player.close()
    assert not faults, "\n".join(faults[:10])


def test_generated_requests_depend_on_the_seed_alone() -> None:
    played: list[list[tuple[tuple[str, int], int]]] = []
    for seed in (3, 3, 4):
        with Sandbox(opportunities=6, seed=seed, rate_limit=100_000) as sandbox:
            player = Player(sandbox, seed)
            player.play_some(60)
            played.append([*player.statuses.items()])
            player.close()
    assert played[0] == played[1] != played[2]


@pytest.mark.parametrize("status", sorted(TYPES))
def test_documented_errors_are_recognised(status: int) -> None:
    for kind in TYPES[status]:
        assert error_misfits(status, {"error": {"type": kind, "message": "No."}}) == []
        assert error_misfits(status, {"type": kind, "message": "No."}) == []
    codes = [code for code, statuses in CODES.items() if status in statuses]
    for code in codes:
        error = {"type": min(TYPES[status]), "message": "No.", "code": code, "param": "fields.x"}
        assert error_misfits(status, {"error": error}) == []


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (500, {"error": {"type": "internal_server_error", "message": "No."}}),
        (405, {"error": {"type": "method_not_allowed", "message": "No."}}),
        (404, {"error": {"type": "bad_request", "message": "No."}}),
        (404, {"error": {"type": "not_found", "message": ""}}),
        (404, {"error": {"type": "not_found", "message": "No.", "code": "unknown_field"}}),
        (400, {"error": {"type": "bad_request", "message": "No.", "code": "no_such_code"}}),
        (400, {"error": {"type": "bad_request", "message": "No.", "param": 1}}),
        (400, {"error": {"type": "bad_request", "message": "No.", "more": 1}}),
        (400, {"error": None}),
        (400, []),
    ],
)
def test_errors_that_are_not_documented_are_told(status: int, document: object) -> None:
    assert error_misfits(status, document)


def test_answers_that_are_not_documented_are_told() -> None:
    retrieve = BY_NAME["opportunity.retrieve"]
    record: dict[str, object] = {"id": "opp_1", "createdAt": "", "fields": {}, "relationships": {}}
    assert answer_misfits(retrieve, record) == []
    assert answer_misfits(retrieve, {**record, "id": 1})
    assert answer_misfits(retrieve, {key: record[key] for key in record if key != "fields"})
    assert answer_misfits(retrieve, {**record, "fields": {"$name": {"value": 1, "valueType": "NOVEL"}}})
    [told] = answer_misfits(retrieve, {**record, "undocumented": 1})
    assert "undocumented" in told
