"""What a drawing shows when it is printed: set by Typst, and the codes in it read by another's reader (zxing-cpp)."""

from __future__ import annotations

from io import BytesIO

import typst
import zxingcpp
from PIL import Image


def codes_in(svg: str) -> list[str]:
    """The texts of the QR codes on an A4 drawing, printed at 150 dots an inch, from top to bottom and left to right."""
    page = '#set page(paper: "a4", margin: 0mm)\n#image(bytes(sys.inputs.svg), format: "svg", width: 210mm)'
    png = typst.compile(page.encode(), sys_inputs={"svg": svg}, format="png", ppi=150)
    picture = Image.open(BytesIO(png)).convert("L")
    pixels = memoryview(picture.tobytes()).cast("B", (picture.height, picture.width))
    found = zxingcpp.read_barcodes(pixels, formats=zxingcpp.BarcodeFormat.QRCode)
    placed = sorted((one.position.top_left.y // 60, one.position.top_left.x, one.text) for one in found)
    return [text for _, _, text in placed]
