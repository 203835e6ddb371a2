"""The table of models, and which one suits a machine."""

import pytest

from helios_desktop.embed.machine import measured, this_machine
from helios_desktop.embed.model_table import OFFERED, advise, offered, pictures_per_second

GIB = 2**30


def machine(per_second=20.0, gib=16, gpu=""):
    from helios_desktop.embed.machine import Machine

    return Machine(cores=4, memory_bytes=gib * GIB, gpu=gpu, reference_pictures_per_second=per_second, is_measured=True)


def test_every_model_says_what_it_costs_and_what_it_is_good_at():
    assert len({one.name for one in OFFERED}) == len(OFFERED)
    for one in OFFERED:
        assert one.megabytes > 100
        assert one.memory_mib > one.megabytes * 0.9
        assert one.languages
        assert one.good_at
        assert one.repository == f"immich-app/{one.name}"


def test_there_is_a_light_one_a_better_one_a_multilingual_one_and_the_one_for_unsplash():
    good = {one.name: one.good_at for one in OFFERED}
    assert "light default" in good["ViT-B-32__laion2b-s34b-b79k"]
    assert "Unsplash" in good["ViT-B-32__openai"]
    assert any("languages" in text for text in good.values())


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (machine(20), "ViT-B-16-SigLIP2__webli"),
        (machine(2.2), "ViT-B-32-SigLIP2-256__webli"),
        (machine(2.2, gib=6), "ViT-B-32__laion2b-s34b-b79k"),
        (machine(20, gib=6), "ViT-B-16-SigLIP__webli"),
        (machine(20, gib=32, gpu="an NVIDIA GPU"), "ViT-B-16-SigLIP2__webli"),
    ],
)
def test_the_best_that_fits_and_is_quick_enough_is_advised(given, wanted):
    advice = advise(given)
    assert advice.model.name == wanted
    assert advice.pictures_per_second >= 3
    assert "photos a second (measured)" in advice.reason


def test_a_gpu_is_told_how_it_comes_to_use_since_downloads_run_on_the_processor():
    advice = advise(machine(20, gib=32, gpu="an NVIDIA GPU"))
    assert "an NVIDIA GPU runs ViT-H-14-378-quickgelu__dfn5b" in advice.reason
    assert "helios models export ViT-H-14-378-quickgelu dfn5b --torch" in advice.reason
    assert advice.pictures_per_second == pytest.approx(advise(machine(20, gib=32)).pictures_per_second)
    assert "--torch" not in advise(machine(20, gib=32)).reason
    assert "--torch" in advise(machine(0.1, gib=32, gpu="an NVIDIA GPU")).reason


def test_only_models_whose_tokenizer_open_clip_ships_are_called_verified(torch_libraries):
    import open_clip

    for one in OFFERED:
        words = open_clip.get_model_config(one.architecture)["text_cfg"]
        assert one.is_verified == ("hf_tokenizer_name" not in words), one.name


@pytest.mark.parametrize("given", [machine(0.1), machine(20, gib=2)])
def test_a_small_computer_stays_with_the_starter_model(given):
    advice = advise(given)
    assert advice.model is None
    assert "starter model" in advice.reason


def test_an_estimate_says_that_it_is_one():
    assert "--measure" in advise(this_machine()).reason or advise(this_machine()).model is None


def test_a_measurement_replaces_the_assumption():
    before = this_machine()
    after = measured(before, seconds=0.2)
    assert after.is_measured
    assert after.reference_pictures_per_second > 0
    assert (after.cores, after.memory_bytes) == (before.cores, before.memory_bytes)


def test_a_larger_model_is_slower():
    assert pictures_per_second(OFFERED[0], machine()) > pictures_per_second(offered("ViT-L-14-quickgelu__dfn2b"), machine())


def test_a_model_is_found_by_its_name_in_any_case_and_by_its_repository():
    assert offered("vit-b-32__OPENAI") is offered("immich-app/ViT-B-32__openai")
    assert offered("unknown") is None
