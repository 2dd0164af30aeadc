"""Uploaded tables and pictures: what is wrong is said with its place, and bombs do not go off."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rbmviz.core.errors import InputError
from rbmviz.studio import own_files
from rbmviz.studio.own_files import read_files
from rbmviz.studio.own_pictures import contact_sheet, fitted_shape, shrunk


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=array.dtype == object)
    return file.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def png(pixels: np.ndarray, mode: str | None = None) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels, mode).save(file, format="PNG")
    return file.getvalue()


def read(name: str, content: bytes) -> own_files.GreyRows:
    return read_files([(name, content)])


# ---- tables -------------------------------------------------------------------------------

TABLES = {
    "commas": "0,1,0\n1,1,0\n",
    "semicolons": "0;1;0\r\n1;1;0",
    "tabs": "0\t1\t0\n1\t1\t0",
    "blanks": "0  1 0 \n 1 1 0\n",
    "a byte order mark": "\ufeff0,1,0\n1,1,0",
    "names above": "a, b, c\n0,1,0\n1,1,0",
    "quoted names above": '"a,1";b;c\n0;1;0\n1;1;0',
    "blank lines": "\n0,1,0\n\n1,1,0\n\n",
    "decimals": "0.0,1.0,0e0\n1,1.0,-0",
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_tables_are_read(text: str) -> None:
    grey = read("Rows.CSV", text.encode())
    assert grey.values.tolist() == [[0, 1, 0], [1, 1, 0]]
    assert grey.image_shape == (1, 3)
    assert grey.is_decided
    assert not grey.dark_is_ink


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0,1\n0,x\n", r"Row 2 \(line 2\), column 2 is 'x'"),
        ("0,1\n\n0,\n", r"Row 2 \(line 3\), column 2 is empty"),
        ("a,b\n0,1\n0,nan\n", r"Row 2 \(line 3\), column 2 is 'nan'"),
        ("0,1\n1e999,0", r"Row 2 \(line 2\), column 1 is '1e999'"),
        ("0,1\n0,1,1\n", r"Row 2 \(line 2\) has 3 columns, the rows above have 2"),
        ("0,a\n", r"Row 1 \(line 1\), column 2 is 'a'"),
        ("", "empty"),
        ("a,b\n", "empty"),
        (",".join("01" * 150), "300 columns; the limit is 256"),
        ("0," + "1" * 200_000, "Line 1 cannot be read"),
    ],
)
def test_what_is_wrong_in_a_table_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read("rows.csv", text.encode())


def test_text_in_another_encoding_is_refused() -> None:
    with pytest.raises(InputError, match="UTF-8"):
        read("rows.csv", "0,1\n".encode("utf-16"))


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float16, np.float64])
def test_arrays_of_numbers_are_read(dtype: type) -> None:
    rows = np.array([[0, 1, 1, 0], [1, 0, 0, 1]], dtype=dtype)
    for name, content in {
        "a.npy": npy(rows),
        "a.npz": npz(v=rows),
        "b.npz": npz(other=rows),
    }.items():
        grey = read(name, content)
        assert np.array_equal(grey.values, rows)
        assert grey.image_shape == (2, 2)
    assert np.array_equal(read("c.npz", npz(y=np.zeros(2), Images=rows)).values, rows)


def test_images_are_made_smaller_by_averaging() -> None:
    images = np.arange(3 * 28 * 28, dtype=float).reshape(3, 28, 28)
    for array in (images, images.reshape(3, -1)):
        grey = read("mnist.npy", npy(array))
        assert grey.image_shape == (16, 16)
        assert "28 x 28 pixels were brought to 16 x 16" in grey.notes[0]
        means = grey.values.mean(axis=1)
        assert means == pytest.approx(images.mean(axis=(1, 2)))  # each pixel counts as before


def test_only_the_first_rows_of_a_long_table_are_used() -> None:
    for name, content in (
        ("a.npy", npy(np.zeros((5000, 4), dtype=np.uint8))),
        ("a.csv", b"0,1\n" * 5000),
    ):
        grey = read(name, content)
        assert len(grey.values) == 2000
        assert grey.notes == ("Only the first 2,000 rows are used.",)


def lying_npy(shape: str) -> bytes:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


WRONG_ARRAYS = {
    "objects": ("a.npy", npy(np.array([{"a": 1}], dtype=object)), "holds object"),
    "text": ("a.npy", npy(np.array([["a"]])), "holds <U1"),
    "complex": ("a.npy", npy(np.array([[1j]])), "holds complex"),
    "one axis": ("a.npy", npy(np.zeros(3)), r"shape \(3,\)"),
    "four axes": ("a.npy", npy(np.zeros((1, 1, 1, 1))), "rows, height, width"),
    "no rows": ("a.npy", npy(np.zeros((0, 4))), r"shape \(0, 4\)"),
    "not a number": ("a.npy", npy(np.array([[0.0, 1.0], [np.nan, 1.0]])), "Row 2, column 1 is nan"),
    "a huge promise": ("a.npy", lying_npy("(1000000, 1000000)"), "the limit is 64 MB"),
    "a negative promise": ("a.npy", lying_npy("(-1, 4)"), "plain numbers|axes|broadcast"),
    "a promise of nothing": ("a.npy", lying_npy("(2, 4)"), "plain numbers"),
    "code for a header": ("a.npy", lying_npy("__import__('os')"), "plain numbers"),
    "no array": ("a.npy", b"hello", "plain numbers"),
    "no zip": ("a.npz", b"PK\x03\x04", "no .npz file"),
    "two arrays": ("a.npz", npz(p=np.zeros((1, 1)), q=np.zeros((1, 1))), "Call it v. Found: p, q"),
    "pickles inside": ("a.npz", npz(v=np.array([[None]], dtype=object)), "holds object"),
}


@pytest.mark.parametrize(("name", "content", "said"), WRONG_ARRAYS.values(), ids=WRONG_ARRAYS)
def test_wrong_arrays_are_refused(name: str, content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(name, content)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused() -> None:
    for method, said in ((zipfile.ZIP_DEFLATED, "65 MB"), (zipfile.ZIP_BZIP2, "unusual way")):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as packed:
            packed.writestr("v.npy", bytes(65 * 2**20))
        assert len(file.getvalue()) < 100_000
        with pytest.raises(InputError, match=said):
            read("bomb.npz", file.getvalue())


# ---- pictures -----------------------------------------------------------------------------


def test_pictures_become_rows() -> None:
    black_left = np.full((4, 4), 255, dtype=np.uint8)
    black_left[:, :2] = 0
    grey = read_files([("a.png", png(black_left)), ("B.PNG", png(255 - black_left))])
    assert grey.image_shape == (4, 4)
    assert grey.dark_is_ink
    assert not grey.is_decided  # black and white, but which is on?
    assert grey.on(0.5, dark=True).reshape(2, 4, 4)[:, 0].tolist() == [[1, 1, 0, 0], [0, 0, 1, 1]]
    assert grey.on(0.5, dark=False)[0, :4].tolist() == [0, 0, 1, 1]


def test_transparent_is_paper_and_colours_are_grey() -> None:
    pixels = np.array([[[0, 0, 0, 0], [0, 0, 0, 255], [255, 255, 255, 255]]], dtype=np.uint8)
    assert read("a.png", png(pixels)).values.tolist() == [[1.0, 0.0, 1.0]]
    red = np.array([[[255, 0, 0]]], dtype=np.uint8)
    assert read("a.png", png(red)).values[0, 0] == pytest.approx(0.299, abs=0.01)
    deep = np.array([[0, 65535, 32768]], dtype=np.uint16)
    assert read("a.png", png(deep)).values[0] == pytest.approx([0, 1, 0.5], abs=1e-4)


def test_large_pictures_are_brought_to_the_side_that_was_asked_for() -> None:
    wide = np.zeros((100, 200), dtype=np.uint8)
    wide[:, 100:] = 255
    grey = read_files([("a.png", png(wide))], 8)
    assert grey.image_shape == (4, 8)
    assert grey.values.reshape(4, 8)[0] == pytest.approx([0, 0, 0, 0, 1, 1, 1, 1])
    assert "4 x 8" in grey.notes[0]
    with pytest.raises(InputError, match=r"Picture 2, 'b.png', is 200 x 200 pixels"):
        read_files([("a.png", png(wide)), ("b.png", png(np.zeros((200, 200), np.uint8)))], 8)


def png_of_size(width: int, height: int) -> bytes:
    """A PNG whose header promises a size; its pixels are zeros, packed a thousandfold."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(min(width + 1, 10**6)), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def test_a_bomb_is_refused_by_its_header(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: object, **options: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(Image, "open", never)
    for width, height in ((50_000, 50_000), (4_194_305, 1), (0, 5), (2**31, 2**31)):
        with pytest.raises(InputError, match="the limit is 4,194,304"):
            read("bomb.png", png_of_size(width, height))


WRONG_PICTURES = {
    "another kind": b"GIF89a" + bytes(60),
    "nothing": b"",
    "cut off": png(np.zeros((40, 40), dtype=np.uint8))[:45],
    "no pixels": png_of_size(4, 4)[:33] + b"\x00" * 12,
}


@pytest.mark.parametrize("content", WRONG_PICTURES.values(), ids=WRONG_PICTURES)
def test_wrong_pictures_are_refused_by_their_number(content: bytes) -> None:
    fine = png(np.zeros((4, 4), dtype=np.uint8))
    with pytest.raises(InputError, match=r"Picture 2, 'b.png', (is no PNG|cannot be decoded)"):
        read_files([("a.png", fine), ("b.png", content)])


# ---- all ----------------------------------------------------------------------------------


def test_other_kinds_sizes_and_mixtures_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for files in ([], [("a.pkl", b"")], [("a", b"")], [("a.png.exe", b"")]):
        with pytest.raises(InputError, match="csv, npy, npz, png are"):
            read_files(files)
    with pytest.raises(InputError, match="only pictures"):
        read_files([("a.csv", b"1"), ("b.png", b"")])
    with pytest.raises(InputError, match="2 files"):
        read_files([("a.csv", b"1"), ("b.csv", b"1")])
    with pytest.raises(InputError, match="201 pictures"):
        read_files([("a.png", b"")] * 201)
    monkeypatch.setattr(own_files, "MAX_FILE_BYTES", 2**20)
    with pytest.raises(InputError, match=r"1\.5 MB; the limit is 1 MB"):
        read_files([("a.csv", bytes(2**19)), ("b.csv", bytes(2**20))])


@settings(max_examples=150)
@given(st.binary(max_size=200), st.sampled_from(["csv", "npy", "npz", "png"]), st.booleans())
def test_no_bytes_break_the_reader(content: bytes, kind: str, begun: bool) -> None:
    if begun:  # as a right file begins
        content = {"csv": b"0,1\n", "npy": npy(np.eye(2))[:90], "npz": npz(v=np.eye(2))[:60],
                   "png": png(np.zeros((3, 3), np.uint8))[:40]}[kind] + content  # fmt: skip
    try:
        grey = read(f"a.{kind}", content)
    except InputError:
        return
    assert np.isfinite(grey.values).all()


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 16))
def test_fitted_shapes_are_within_the_limits(height: int, width: int, side: int) -> None:
    fitted = fitted_shape(height, width, side)
    assert min(fitted) >= 1
    assert max(fitted) <= side
    assert fitted[0] * fitted[1] <= 256


def test_averaging_by_hand() -> None:
    image = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    assert shrunk(image, (1, 2)).tolist() == [[0.25, 0.25]]
    assert shrunk(image, (2, 2)).tolist() == [[0.5, 0.0], [0.0, 0.5]]


def test_the_preview_shows_what_is_on_in_black() -> None:
    sheet = contact_sheet(np.array([[1.0, 0.0], [0.0, 0.0]]), (1, 2))
    scale = sheet.shape[0] // 3
    assert sheet[scale::scale, ::scale][0].tolist() == [0.75, 0, 1, 0.75, 1, 1, 0.75]
