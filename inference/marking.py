"""Marks a generated picture as such: for people in its pixels, for programs in its metadata.

The law asks for both (Korea's AI Basic Act, Article 31; the EU's AI Act, Article 50). For programs: IPTC's
digitalSourceType in XMP, which search engines and photo software read, and plain PNG text.
"""

import io
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from inference.answer import MadePicture
from inference.fingerprint import fingerprint
from inference.generation import GeneratedPicture

SHOWN_SIDE: Final = 512
"""Pixels: the small picture is scaled up with a good filter, so that no viewer does it with a bad one."""

SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_TAG: Final = "AI"
_EFFORT: Final = 2
"""zlib's, 0 to 9: a third of the usual level's time for files a sixth larger."""
_XMP: Final = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    f'Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"/></rdf:RDF></x:xmpmeta>'
)


def marked(picture: GeneratedPicture) -> MadePicture:
    """The picture as a PNG file of 512 x 512 with its marks."""
    image = _tagged(Image.fromarray(picture.pixels).resize((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS))
    told = PngInfo()
    told.add_text("Software", f"Bunri, {picture.model}")
    told.add_text("Comment", f"AI-generated picture: {picture.label.value}, seed {picture.seed}")
    told.add_itxt("XML:com.adobe.xmp", _XMP)
    file = io.BytesIO()
    image.save(file, "PNG", pnginfo=told, compress_level=_EFFORT)
    known_by = fingerprint(np.asarray(image))
    return MadePicture(file.getvalue(), picture.label, picture.seed, picture.model, known_by)


def _tagged(image: Image.Image) -> Image.Image:
    """With "AI" on a dark plate in its lower right corner."""
    side = image.width
    font = ImageFont.load_default(size=side * 0.055)
    draw = ImageDraw.Draw(image, "RGBA")
    margin, inner = side // 40, side // 64
    left, top, right, bottom = draw.textbbox((0, 0), _TAG, font=font)
    width, height = right - left + 2 * inner, bottom - top + 2 * inner
    x, y = side - margin - width, side - margin - height
    draw.rounded_rectangle((x, y, x + width, y + height), radius=inner, fill=(0, 0, 0, 170))
    draw.text((x + inner - left, y + inner - top), _TAG, font=font, fill=(255, 255, 255, 255))
    return image
