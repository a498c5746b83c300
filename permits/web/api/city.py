"""Which city's figures a manager asks for."""

from permits.errors import BadInput, FieldError, Forbidden
from permits.i18n import Text
from permits.web.api.call import Call


def city_of(call: Call, asked: str | None) -> str:
    """The city asked for, by default the manager's own.

    Raises Forbidden, naming which are possible, for another one; BadInput for a district: a group of its city's figure.
    """
    if not asked or call.account.has("manager", asked):
        return asked or call.region
    cities = [region for region in call.account.regions if call.account.has("manager", region)]
    if city := next((one for one in cities if one[:4] == asked[:4]), None):
        zh = f"这里要城市代码 {city}；各区县的数请用 by=district，名单请用 where=district:区县代码。"
        en = (
            f"A city is wanted here: {city}. Districts are a dimension: by=district, and where=district:CODE for lists."
        )
        raise BadInput(errors=[FieldError("/region", Text(zh, en))])
    possible = ", ".join(cities)
    text = Text(f"您不管理这个城市。可选：{possible}。", f"You do not manage this city. Possible: {possible}.")
    raise Forbidden(text, errors=[FieldError("/region", text)])
