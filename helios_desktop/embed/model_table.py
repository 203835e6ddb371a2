"""The models that are known to run here, and which of them suits a machine: what comes in is a machine, what goes out a choice.

Recall is the mean of recall@1, 5 and 10 on Crossmodal-3600 in English; memory is in fp32; ``relative_cost`` is the time for a
picture compared with ViT-B/32. These figures were published with the ready-made exports (documentation of the Immich project,
measured on a Ryzen 7 7800X3D); sizes follow from the numbers of parameters in open_clip's ``model_profile.csv``, four bytes
each. A licence is empty where it is not known for sure: then what the publisher states on the hub is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from helios_desktop.embed.machine import Machine

Speed = Literal["fast", "medium", "slow", "GPU"]
INT8_GAIN = 3.0
"""How much faster the 8-bit form is on a CPU; measured 3.3 with AVX-512, less without."""
LEAST_PICTURES_PER_SECOND = 3.0
"""A library of 20,000 photos should be ready over a lunch, not over a week-end."""
MEMORY_SHARE = 0.3
STARTER_GOOD_AT = "in the box: search works from the first minute, on any computer"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedModel:
    """A model that can be downloaded. ``is_verified``: its tokens were compared with open_clip's own, whose tokenizer ships."""

    name: str
    title: str
    architecture: str
    pretrained: str
    megabytes: int
    memory_mib: int
    recall: float
    relative_cost: float
    speed: Speed
    languages: str
    good_at: str
    licence: str = ""
    is_verified: bool = False

    @property
    def repository(self) -> str:
        """Where its ready-made export lies on the hub."""
        return f"immich-app/{self.name}"


OFFERED = (
    OfferedModel(
        name="ViT-B-32__laion2b-s34b-b79k",
        title="ViT-B/32 (LAION-2B)",
        architecture="ViT-B-32",
        pretrained="laion2b_s34b_b79k",
        megabytes=605,
        memory_mib=1001,
        recall=68.8,
        relative_cost=1.0,
        speed="fast",
        languages="English",
        good_at="the light default: fast on any computer",
        licence="MIT",
        is_verified=True,
    ),
    OfferedModel(
        name="ViT-B-16-SigLIP__webli",
        title="SigLIP ViT-B/16",
        architecture="ViT-B-16-SigLIP",
        pretrained="webli",
        megabytes=813,
        memory_mib=1081,
        recall=71.6,
        relative_cost=2.5,
        speed="medium",
        languages="English",
        good_at="better answers in English, little memory",
        licence="Apache-2.0",
    ),
    OfferedModel(
        name="ViT-B-32-SigLIP2-256__webli",
        title="SigLIP 2 ViT-B/32",
        architecture="ViT-B-32-SigLIP2-256",
        pretrained="webli",
        megabytes=1507,
        memory_mib=3061,
        recall=73.2,
        relative_cost=1.4,
        speed="fast",
        languages="many",
        good_at="better answers nearly as fast, in many languages",
        licence="Apache-2.0",
    ),
    OfferedModel(
        name="ViT-B-16-SigLIP2__webli",
        title="SigLIP 2 ViT-B/16",
        architecture="ViT-B-16-SigLIP2",
        pretrained="webli",
        megabytes=1501,
        memory_mib=3038,
        recall=75.2,
        relative_cost=2.5,
        speed="medium",
        languages="many",
        good_at="the best answers that a computer without a GPU gives in good time",
        licence="Apache-2.0",
    ),
    OfferedModel(
        name="XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k",
        title="ViT-B/32 with XLM-RoBERTa (LAION-5B)",
        architecture="xlm-roberta-base-ViT-B-32",
        pretrained="laion5b_s13b_b90k",
        megabytes=1464,
        memory_mib=3030,
        recall=68.3,
        relative_cost=1.4,
        speed="fast",
        languages="about 100",
        good_at="many languages, fast",
        licence="MIT",
    ),
    OfferedModel(
        name="nllb-clip-base-siglip__v1",
        title="NLLB-CLIP base",
        architecture="nllb-clip-base-siglip",
        pretrained="v1",
        megabytes=2030,
        memory_mib=4675,
        recall=68.4,
        relative_cost=6.5,
        speed="slow",
        languages="200",
        good_at="languages that no other model knows",
    ),
    OfferedModel(
        name="ViT-L-14-quickgelu__dfn2b",
        title="DFN ViT-L/14",
        architecture="ViT-L-14-quickgelu",
        pretrained="dfn2b",
        megabytes=1710,
        memory_mib=2212,
        recall=72.8,
        relative_cost=8.7,
        speed="GPU",
        languages="English",
        good_at="fine detail, with a GPU",
        is_verified=True,
    ),
    OfferedModel(
        name="ViT-H-14-378-quickgelu__dfn5b",
        title="DFN ViT-H/14",
        architecture="ViT-H-14-378-quickgelu",
        pretrained="dfn5b",
        megabytes=3947,
        memory_mib=5049,
        recall=75.7,
        relative_cost=47.0,
        speed="GPU",
        languages="English",
        good_at="the best answers in English, with a large GPU",
        is_verified=True,
    ),
    OfferedModel(
        name="ViT-B-32__openai",
        title="ViT-B/32 (OpenAI)",
        architecture="ViT-B-32",
        pretrained="openai",
        megabytes=605,
        memory_mib=1004,
        recall=59.4,
        relative_cost=1.0,
        speed="fast",
        languages="English",
        good_at="only to search vectors made with it, as the Unsplash data set's are",
        is_verified=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The model that suits a machine's processor, where downloads run, and why; ``pictures_per_second`` is an estimate for its
    8-bit form. ``reason`` also says what a GPU could do, where there is one."""

    model: OfferedModel | None
    pictures_per_second: float
    reason: str


def pictures_per_second(model: OfferedModel, machine: Machine) -> float:
    """Estimate how many photos a second this machine's processor embeds with a model in 8 bits, decoding aside."""
    return machine.reference_pictures_per_second / model.relative_cost * INT8_GAIN


def advise(machine: Machine) -> Advice:
    """Choose the model with the best answers among those that fit into memory and are quick enough."""
    fitting = [one for one in OFFERED if one.memory_mib <= MEMORY_SHARE * machine.memory_bytes / 2**20]
    quick = [one for one in fitting if pictures_per_second(one, machine) >= LEAST_PICTURES_PER_SECOND]
    about = f"{machine.cores} core{'s' * (machine.cores != 1)}, {machine.memory_bytes / 2**30:.0f} GiB of memory, " + (
        machine.gpu or "no GPU"
    )
    measured = "measured" if machine.is_measured else "estimated; --measure takes ten seconds to know better"
    if not quick:
        reason = f"{about}: the starter model suits this computer best{_for_gpu(machine, fitting)}"
        return Advice(model=None, pictures_per_second=0.0, reason=reason)
    best = max(quick, key=lambda one: (one.recall, -one.relative_cost))
    speed = pictures_per_second(best, machine)
    reason = f"{about}: about {speed:.0f} photos a second ({measured}){_for_gpu(machine, fitting)}"
    return Advice(model=best, pictures_per_second=speed, reason=reason)


def _for_gpu(machine: Machine, fitting: Sequence[OfferedModel]) -> str:
    """What is to be done for a GPU: downloads run on the processor, PyTorch on the GPU."""
    if not (machine.gpu and fitting):
        return ""
    best = max(fitting, key=lambda one: one.recall)
    return (
        f"; with PyTorch {machine.gpu} runs {best.name} too: helios models export {best.architecture} {best.pretrained}"
        " --torch --out FOLDER"
    )


def offered(name: str) -> OfferedModel | None:
    """Return a model of the table by its name or its repository's, any case."""
    wanted = name.rsplit("/", 1)[-1].casefold()
    return next((one for one in OFFERED if one.name.casefold() == wanted), None)
