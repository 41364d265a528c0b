"""Photo bytes -> validated pixels -> calibrated probabilities -> a decision."""

import sys
from types import ModuleType
from typing import cast

# As it comes, `import openvino` tells its maker and an analytics service about every start on every machine
# that has not opted out. OpenVINO and NNCF do without where their telemetry package cannot be imported, and
# None in sys.modules says so. Here, because nothing of Bunri imports either of them before this package.
sys.modules.setdefault("openvino_telemetry", cast(ModuleType, None))
