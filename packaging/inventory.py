"""What a bundle holds: the licence texts of every part, and its bill of materials (CycloneDX 1.6, JSON).

In: the folder that PyInstaller wrote and ``sources.json`` (``bundle.make``), which says where each file came from. Written into
the bundle: ``licences/`` and ``sbom.cdx.json`` beside the other resources. Ends with an error where a part has no licence text,
or has one that would bind the whole application.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from bundle_version import version
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

TEXTS = Path(__file__).resolve().parent / "licences"
LICENCE_NAME = re.compile(r"licen[cs]e|copying|notice|authors|thirdparty", re.IGNORECASE)
BINDING = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
"""Named in a licence without a way out, it would put the whole application under its terms."""
WAY_OUT = re.compile(r"LGPL|Lesser| OR |special exception", re.IGNORECASE)
FORBIDDEN_FILES = re.compile(r"x265|x264|kvazaar|jpegxl_rs|pillow_jxl|pyjpegxl", re.IGNORECASE)
OWN_TEXTS = {
    "pyside6_essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "pi_heif": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "rawpy": ("LGPL-2.1.txt", "GPL-3.0.txt", "GCC-exception-3.1.txt"),
    "faiss_cpu": ("LGPL-2.1.txt", "GPL-3.0.txt", "GCC-exception-3.1.txt"),
    "tokenizers": ("../../LICENSE",),
    "flatbuffers": ("../../LICENSE",),
}
"""Texts for parts whose wheels carry none, or carry a library whose text they leave out. The Apache License is our own too."""

ONLY_TEXTS = {"imagecodecs": {"LICENSE", "LICENSE-libjxl", "LICENSE-highway", "LICENSE-brotli", "LICENSE-lcms2"}}
"""Of a wheel with forty libraries, the texts of those that ship."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something in the bundle: ``kind`` is a PURL type, ``texts`` are files with its licence."""

    kind: str
    name: str
    version: str
    licence: str
    texts: tuple[Path, ...]
    files: tuple[str, ...] = ()


def main(bundle: Path, sources: Path) -> int:
    """Write both; the exit code is 1 where something may not ship."""
    found = [(name, Path(source)) for name, source in json.loads(sources.read_text(encoding="utf-8"))]
    parts = sorted([*python_parts(found), *system_parts(found)], key=lambda part: part.name.lower())
    resources = bundle / "_internal" / "helios_desktop" / "_resources"
    write_licences(parts, resources / "licences")
    (resources / "sbom.cdx.json").write_text(bill(parts), encoding="utf-8")
    faults = [*faults_of(parts), *(f"{name} may not ship" for name, _ in found if FORBIDDEN_FILES.search(Path(name).name))]
    for fault in faults:
        print(f"inventory: {fault}", file=sys.stderr)
    print(f"inventory: {len(parts)} parts, their licences and the bill of materials are in {resources}")
    return bool(faults)


def python_parts(found: list[tuple[str, Path]]) -> Iterator[Part]:
    """The distributions that any file came from, and Python itself."""
    owners = {path: one for one in distributions() for path in paths_of(one)}
    used: dict[str, tuple[Distribution, list[str]]] = {}
    for name, source in found:
        one = owners.get(os.path.realpath(source))
        if one is not None:
            used.setdefault(one.name, (one, []))[1].append(name)
    for one, names in used.values():
        key = one.name.lower().replace("-", "_")
        carried = (text for text in licence_files(one) if text.name in ONLY_TEXTS.get(key, {text.name}))
        texts = (*carried, *(TEXTS / text for text in OWN_TEXTS.get(key, ())))
        libraries = tuple(sorted(name for name in names if re.search(r"\.(so|dylib|dll)(\.|$)", Path(name).name)))
        yield Part(kind="pypi", name=one.name, version=one.version, licence=licence_of(one), texts=texts, files=libraries)
    standard = Path(os.__file__).parent
    text = next((path for path in (standard / "LICENSE.txt", standard.parent / "LICENSE.txt") if path.is_file()), None)
    yield Part(
        kind="generic", name="python", version=platform.python_version(), licence="PSF-2.0", texts=(text,) if text else ()
    )
    pyinstaller = next(one for one in distributions() if one.name.lower() == "pyinstaller")
    texts = tuple(licence_files(pyinstaller))
    yield Part(
        kind="pypi", name="pyinstaller", version=pyinstaller.version, licence="GPL-2.0 with a special exception", texts=texts
    )


def system_parts(found: list[tuple[str, Path]]) -> Iterator[Part]:
    """Libraries of the building system that Python's modules need, by the package that brought them (Debian)."""
    packages: dict[str, list[str]] = {}
    for name, source in found:
        if sys.platform == "linux" and str(source).startswith(("/lib", "/usr/lib")) and ".so" in source.name:
            if "/python3" not in str(source) and (package := debian_package(source)):
                packages.setdefault(package, []).append(name)
    for package, names in packages.items():
        number = _output("dpkg-query", "-W", "-f", "${Version}", package)
        text = Path("/usr/share/doc") / package.split(":")[0] / "copyright"
        licence = ssl.OPENSSL_VERSION if "ssl" in package else "see its text"
        texts = (text,) if text.is_file() else ()
        yield Part(kind="deb", name=package, version=number, licence=licence, texts=texts, files=tuple(names))


def debian_package(source: Path) -> str:
    """The package a library belongs to; empty where dpkg does not know."""
    for path in (str(source), os.path.realpath(source), str(source).removeprefix("/usr"), "/usr" + str(source)):
        owner = _output("dpkg-query", "-S", path)
        if owner:
            return owner.split(": ")[0].split(",")[0]
    return ""


def paths_of(one: Distribution) -> set[str]:
    """The real paths of a distribution's files."""
    return {os.path.realpath(str(one.locate_file(file))) for file in one.files or ()}


def licence_files(one: Distribution) -> Iterator[Path]:
    """The licence texts that a distribution carries."""
    for file in one.files or ():
        is_near = len(file.parts) <= 2 or any(part.endswith(".dist-info") or part == "licenses" for part in file.parts)
        if is_near and LICENCE_NAME.search(str(file.name)) and file.suffix not in {".py", ".pyc", ".pyi"}:
            path = Path(str(one.locate_file(file)))
            if path.is_file():
                yield path


def licence_of(one: Distribution) -> str:
    """What a distribution says of its licence, in a line."""
    metadata = one.metadata
    stated = metadata.get("License-Expression") or (metadata.get("License") or "").strip().split("\n")[0]
    classes = [text.split("::")[-1].strip() for text in metadata.get_all("Classifier") or () if text.startswith("License")]
    return stated or "; ".join(classes)


def faults_of(parts: list[Part]) -> Iterator[str]:
    """Why the bundle may not ship."""
    for part in parts:
        if not part.texts:
            yield f"{part.name} {part.version} has no licence text"
        if BINDING.search(part.licence) and not WAY_OUT.search(part.licence):
            yield f"{part.name} {part.version} is under {part.licence}"


def write_licences(parts: list[Part], folder: Path) -> None:
    """A folder for each part; the texts keep their names."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copyfile(TEXTS / "README.txt", folder / "README.txt")
    for part in parts:
        own = folder / f"{part.name}-{part.version}".replace(":", "_")
        own.mkdir(exist_ok=True)
        for text in part.texts:
            name = text.name if not (own / text.name).exists() else f"{text.resolve().parent.name}-{text.name}"
            shutil.copyfile(text, own / name)


def bill(parts: list[Part]) -> str:
    """The bill of materials; the same parts give the same text (SOURCE_DATE_EPOCH)."""
    number = version()
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"helios-desktop {number} {[(p.name, p.version) for p in parts]}"))
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    bom.metadata.timestamp = datetime.datetime.fromtimestamp(epoch, datetime.UTC)
    bom.metadata.component = Component(
        name="helios-desktop",
        version=number,
        type=ComponentType.APPLICATION,
        bom_ref="helios-desktop",
        licenses=[DisjunctiveLicense(id="Apache-2.0")],
    )
    for part in parts:
        bom.components.add(
            Component(
                name=part.name,
                version=part.version,
                bom_ref=f"{part.kind}/{part.name}",
                type=ComponentType.LIBRARY,
                purl=PackageURL(part.kind, "debian" if part.kind == "deb" else None, part.name, part.version),
                licenses=[DisjunctiveLicense(name=part.licence or "see its text")],
                properties=[Property(name="helios:library", value=name) for name in part.files],
            )
        )
    bom.register_dependency(bom.metadata.component, list(bom.components))
    return JsonV1Dot6(bom).output_as_string(indent=1)


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
