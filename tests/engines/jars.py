"""Maven coordinates in, a folder of jars and compiled launchers out: what each test node runs from.

Jars are fetched once (`mvn dependency:copy-dependencies`) and kept in the cache folder; a finished folder carries a stamp, so
that an interrupted download is done again. Which jars a node needs is in `shared/design/ENGINES.md` and in the tables below.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

JAVA_SOURCES = Path(__file__).parent / "java"
FETCH_SECONDS = 600
COMPILE_SECONDS = 120

# As long as the security plugin is on the class path, its zip brings these; two versions of one do not go together.
BROUGHT_BY_SECURITY = re.compile(r"^(guava|netty-|failureaccess|slf4j|asm-\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One server as jars. ``zips``: plugins whose jars are unpacked; ``excluded``: jar names left off the class path."""

    name: str
    java: int
    coordinates: tuple[str, ...]
    zips: tuple[str, ...] = ()
    launcher: str
    shims: tuple[str, ...] = ()
    jvm: tuple[str, ...] = ()
    module_jars: tuple[str, ...] = ()


def opensearch(
    version: str, knn: str, guava: str, *, java: int, launcher: str, shims: tuple[str, ...], jvm: tuple[str, ...]
) -> Recipe:
    plugins = ("transport-netty4-client", "lang-painless", "analysis-common")
    return Recipe(
        name=f"opensearch-{version}",
        java=java,
        coordinates=(
            f"org.opensearch:opensearch:{version}",
            *(f"org.opensearch.plugin:{plugin}:{version}" for plugin in plugins),
            f"com.google.guava:guava:{guava}",
            "org.apache.logging.log4j:log4j-core:2.21.0",
        ),
        zips=(f"org.opensearch.plugin:opensearch-knn:{knn}",),
        launcher=launcher,
        shims=shims,
        jvm=jvm,
    )


def elasticsearch(version: str, *, java: int) -> Recipe:
    return Recipe(
        name=f"elasticsearch-{version}",
        java=java,
        coordinates=(f"org.elasticsearch:elasticsearch:{version}", f"org.elasticsearch.plugin:transport-netty4:{version}"),
        launcher="ElasticsearchNode",
        module_jars=("netty-", "transport-netty4-"),
    )


OPENSEARCH_2 = opensearch("2.19.1", "2.19.1.0", "32.1.3-jre", java=17, launcher="OpenSearchNode", shims=(), jvm=())
OPENSEARCH_2_SECURED = Recipe(
    name="opensearch-2.19.1-secured",
    java=17,
    coordinates=OPENSEARCH_2.coordinates,
    zips=(*OPENSEARCH_2.zips, "org.opensearch.plugin:opensearch-security:2.19.1.0"),
    launcher="OpenSearchNode",
)
OPENSEARCH_3 = opensearch(
    "3.3.2",
    "3.3.2.0",
    "33.4.8-jre",
    java=21,
    launcher="OpenSearch3Node",
    shims=("shims/QueryBuilderProtoConverter", "shims/QueryBuilderProtoConverterRegistry", "shims/QueryContainer"),
    jvm=("--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector"),
)
ELASTICSEARCH_8 = elasticsearch("8.19.0", java=17)
ELASTICSEARCH_9 = elasticsearch("9.2.0", java=21)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jdk:
    """A JDK: its home and its major version."""

    home: Path
    version: int

    @property
    def java(self) -> Path:
        return self.home / "bin" / "java"

    @property
    def javac(self) -> Path:
        return self.home / "bin" / "javac"


def find_jdk(at_least: int, below: int = 1000) -> Jdk | None:
    """Return the oldest JDK that is new enough: from JAVA_HOME, the system's folder of JVMs, or the path."""
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += sorted(Path("/usr/lib/jvm").glob("*")) if Path("/usr/lib/jvm").is_dir() else []
    on_path = shutil.which("javac")
    if on_path:
        homes.append(Path(on_path).resolve().parent.parent)
    found = {jdk.version: jdk for home in homes if (jdk := _jdk_at(home)) is not None}
    fitting = [version for version in sorted(found) if at_least <= version < below]
    return found[fitting[0]] if fitting else None


def _jdk_at(home: Path) -> Jdk | None:
    release = home / "release"
    if not (home / "bin" / "javac").exists() or not release.exists():
        return None
    match = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(encoding="utf-8"), re.MULTILINE)
    return Jdk(home=home, version=int(match[1])) if match else None


def cache_folder() -> Path:
    """Where jars are kept: HELIOS_TEST_ENGINES, or the user's cache."""
    named = os.environ.get("HELIOS_TEST_ENGINES", "")
    return Path(named) if named else Path.home() / ".cache" / "helios-test-engines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A server ready to start: the class path, the launcher's name, the modules' folder."""

    recipe: Recipe
    jdk: Jdk
    home: Path

    @property
    def class_path(self) -> str:
        return os.pathsep.join([str(self.home / "classes"), str(self.home / "lib" / "*")])


def installed(recipe: Recipe, jdk: Jdk) -> Installed:
    """Fetch and compile what the recipe says, unless that was done before."""
    launchers = [JAVA_SOURCES / f"{name}.java" for name in (recipe.launcher, *recipe.shims)]
    digest = hashlib.sha256("".join([repr(recipe), *(path.read_text() for path in launchers)]).encode()).hexdigest()[:12]
    home = cache_folder() / recipe.name
    stamp = home / f"done-{digest}-{jdk.version}"
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home.with_suffix(".lock")):
        if not stamp.exists():
            for old in home.glob("done-*"):
                old.unlink()
            _fetch(recipe, home)
            _compile(launchers, home, jdk)
            stamp.touch()
    return Installed(recipe=recipe, jdk=jdk, home=home)


def _fetch(recipe: Recipe, home: Path) -> None:
    for name in ("lib", "classes", "modules"):
        shutil.rmtree(home / name, ignore_errors=True)
    dependencies = "".join(_dependency(one) for one in recipe.coordinates)
    dependencies += "".join(_dependency(one, "zip") for one in recipe.zips)
    (home / "pom.xml").write_text(
        "<project><modelVersion>4.0.0</modelVersion><groupId>org.helios.tests</groupId><artifactId>node</artifactId>"
        f"<version>1</version><dependencies>{dependencies}</dependencies></project>",
        encoding="utf-8",
    )
    command = [
        "mvn",
        "-q",
        "-B",
        "-f",
        str(home / "pom.xml"),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={home / 'lib'}",
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=FETCH_SECONDS, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"Maven could not fetch {recipe.name}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    is_secured = any("security" in one for one in recipe.zips)
    if is_secured:
        for jar in (home / "lib").glob("*.jar"):
            if BROUGHT_BY_SECURITY.match(jar.name):
                jar.unlink()
    for archive in sorted((home / "lib").glob("*.zip"), key=lambda path: "security" in path.name, reverse=True):
        _unpack(archive, home, is_secured=is_secured)
        archive.unlink()
    if recipe.module_jars:
        _make_module(home, recipe.module_jars)


def _dependency(coordinate: str, kind: str = "jar") -> str:
    group, artifact, version = coordinate.split(":")
    exclusions = (
        "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
        if kind == "zip"
        else ""
    )
    return (
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
        f"<type>{kind}</type>{exclusions}</dependency>"
    )


def _unpack(archive: Path, home: Path, *, is_secured: bool) -> None:
    present = {_artifact(jar.name) for jar in (home / "lib").glob("*.jar")}
    with zipfile.ZipFile(archive) as packed:
        for name in packed.namelist():
            base = name.rsplit("/", 1)[-1]
            if name.endswith(".jar") and _artifact(base) not in present:
                (home / "lib" / base).write_bytes(packed.read(name))
            elif is_secured and name.startswith("config/") and base.endswith(".yml"):
                (home / "config").mkdir(exist_ok=True)
                (home / "config" / base).write_bytes(packed.read(name))


def _artifact(jar: str) -> str:
    return re.sub(r"-\d.*$", "", jar)


def _make_module(home: Path, prefixes: tuple[str, ...]) -> None:
    """Move jars that Elasticsearch loads as a module of its own off the class path."""
    module = home / "modules" / "transport-netty4"
    module.mkdir(parents=True)
    for jar in (home / "lib").glob("*.jar"):
        if jar.name.startswith(prefixes):
            jar.rename(module / jar.name)
            if jar.name.startswith("transport-netty4-"):
                with zipfile.ZipFile(module / jar.name) as packed:
                    name = next(one for one in packed.namelist() if one.endswith("plugin-descriptor.properties"))
                    lines = packed.read(name).decode().splitlines()
                kept = [line for line in lines if not line.startswith("modulename")]
                (module / "plugin-descriptor.properties").write_text("\n".join(kept) + "\n", encoding="utf-8")


def _compile(sources: list[Path], home: Path, jdk: Jdk) -> None:
    (home / "classes").mkdir(exist_ok=True)
    command = [str(jdk.javac), "-nowarn", "-cp", str(home / "lib" / "*"), "-d", str(home / "classes"), *map(str, sources)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=COMPILE_SECONDS)
    if done.returncode:
        raise RuntimeError(f"the launcher of {home.name} does not compile:\n{done.stderr[-4000:]}")
