"""The one table of agencies. A further agency is a folder beside the others and a row here."""

from collections.abc import Mapping

from msgspec.structs import replace

from integrations.approval_bureau.messages import APPROVAL_BUREAU
from integrations.contract import Agency
from integrations.police import version_2
from integrations.police.messages import POLICE

AGENCIES: Mapping[str, Agency] = {
    agency.name: agency
    for agency in (replace(POLICE, rewordings={version_2.SCHEMA: version_2.WORDING}), APPROVAL_BUREAU)
}
