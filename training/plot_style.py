"""How all pictures of measures look. Needs matplotlib (extra [train])."""

from typing import Any, Final

from matplotlib import font_manager
from matplotlib.typing import RcKeyType

INK: Final = "#1f2933"
MUTED: Final = "#7b8794"
_FAINT: Final = "#e4e7eb"
BLUE: Final = "#2166ac"
ORANGE: Final = "#b35806"  # told from the blue by every kind of colour vision
DPI: Final = 150
_KOREAN: Final = ("Noto Sans CJK KR", "NanumGothic", "Malgun Gothic", "Apple SD Gothic Neo")


def style() -> dict[RcKeyType, Any]:
    """How all pictures look, for ``matplotlib.rc_context``."""
    installed = set(font_manager.get_font_names())
    return {
        # Folder names may be Korean; a family that is not installed would be warned about at every text.
        "font.family": ["DejaVu Sans", *(family for family in _KOREAN if family in installed)],
        "font.size": 10,
        # A folder's name is shown as it is, not read as a formula between dollar signs.
        "text.parse_math": False,
        "text.color": INK,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 12,
        "axes.titleweight": "bold",
        "axes.axisbelow": True,
        "xtick.color": INK,
        "ytick.color": INK,
        "grid.color": _FAINT,
    }
