"""What the log says of an error."""

import json

from permits.logs import where_only


def test_the_log_says_where_an_error_happened_and_not_what_was_typed() -> None:
    try:
        try:
            int("X12345678")
        except ValueError as first:
            raise ExceptionGroup("X12345678", [first]) from first
    except ExceptionGroup as error:
        told = where_only((type(error), error, error.__traceback__))
    (outer,) = told
    ((inner,),) = outer["exceptions"]
    assert (outer["exc_type"], inner["exc_type"]) == ("ExceptionGroup", "ValueError")
    assert all(stack["frames"] for stack in told)
    assert "X12345678" not in json.dumps(told)
