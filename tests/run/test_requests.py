"""What the stage asks for: any message from outside is a bounded request."""

from hypothesis import given
from hypothesis import strategies as st

from rbmviz.run.requests import COMMANDS, MAX_FRAMES, MAX_STEPS, parse_request

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
command_like = st.fixed_dictionaries(
    {}, optional={"id": json_values, "kind": st.sampled_from(COMMANDS) | json_values,
                  "value": json_values}
)  # fmt: skip
request_like = st.fixed_dictionaries(
    {},
    optional={
        "client": json_values,
        "shown": json_values,
        "want": json_values,
        "commands": st.lists(command_like | json_values, max_size=5) | json_values,
    },
)


@given(raw=request_like | json_values)
def test_no_request_can_break_or_ask_too_much(raw: object) -> None:
    request = parse_request(raw)
    assert 0 <= request.want <= MAX_FRAMES
    assert len(request.client) <= 64
    for command in request.commands:
        assert command.kind in COMMANDS
        assert 0 <= command.value <= MAX_STEPS
        assert command.id >= 0


def test_a_request_is_read() -> None:
    request = parse_request(
        {"client": "a", "shown": 12, "want": 9999, "commands": [
            {"id": 3, "kind": "step", "value": 10}, {"id": 4, "kind": "format disk"}]}
    )  # fmt: skip
    assert (request.client, request.shown, request.want) == ("a", 12, MAX_FRAMES)
    assert [(c.id, c.kind, c.value) for c in request.commands] == [(3, "step", 10)]
    assert len(parse_request({"commands": [{"id": 1, "kind": "play"}] * 1000}).commands) == 64
