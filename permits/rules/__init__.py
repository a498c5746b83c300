"""The law as pure functions over dated data: no clock, no database, nothing of the service but `permits.i18n.Text`.

Every module that declares a table of the law is imported here: each table's shape must be known before the files are
read.
"""

from permits.rules import classification as classification
from permits.rules import commitments as commitments
from permits.rules import conditions as conditions
from permits.rules import grounds as grounds
from permits.rules import handed_in as handed_in
from permits.rules import joint as joint
from permits.rules import points as points
from permits.rules import procedures as procedures
from permits.rules import routing as routing
from permits.rules import short_term as short_term
from permits.rules import time_limits as time_limits
from permits.rules import validity as validity
from permits.rules import windows as windows
from permits.rules import working_days as working_days
