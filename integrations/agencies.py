"""The one table of agencies. A further agency is a folder beside the others and a row here."""

from collections.abc import Mapping

from integrations.approval_bureau.messages import APPROVAL_BUREAU
from integrations.contract import Agency
from integrations.police.messages import POLICE

AGENCIES: Mapping[str, Agency] = {agency.name: agency for agency in (POLICE, APPROVAL_BUREAU)}
