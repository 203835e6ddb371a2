"""A pack in the layout of ready-made CLIP exports, run without torch."""

import json
import subprocess
import sys

import numpy as np
import pytest
from clip_layout import COLOURS, CONTEXT, write_export

from helios_desktop.embed.clip_text import ClipTokenizer, TextRecipe, cleaned
from helios_desktop.embed.onnx_embedder import open_pack
from helios_desktop.embed.onnx_exports import facts_from_name, is_export, make_pack, needed_files
from helios_desktop.embed.pack import ModelPack
from helios_desktop.errors import ModelError

SIGLIP = TextRecipe(context_length=64, clean="canonicalize")


@pytest.fixture
def export(tmp_path):
    return write_export(tmp_path / "export")


@pytest.fixture
def embedder(export):
    make_pack(export, facts_from_name("immich-app/colours__toy-one"))
    embedder = open_pack(export)
    yield embedder
    embedder.close()


def plain(*colours):
    return np.stack([np.full((32, 32, 3), COLOURS[colour], np.uint8) for colour in colours])


def test_words_find_the_picture_they_name(embedder):
    images = embedder.embed_images([plain(*COLOURS)])
    texts = embedder.embed_text([f"a photo of a {colour} wall" for colour in COLOURS])
    assert images.shape == texts.shape == (len(COLOURS), embedder.dim)
    assert np.allclose(np.linalg.norm(images, axis=1), 1, atol=1e-5)
    assert np.allclose(np.linalg.norm(texts, axis=1), 1, atol=1e-5)
    assert (texts @ images.T).argmax(axis=1).tolist() == list(range(len(COLOURS)))


def test_a_question_never_loads_the_tower_for_pictures(embedder):
    embedder.embed_text(["red"])
    assert embedder.is_textual_loaded
    assert not embedder.is_visual_loaded


def test_indexing_never_loads_the_tower_for_words(embedder):
    embedder.embed_images([plain("red")])
    assert embedder.is_visual_loaded
    assert not embedder.is_textual_loaded


def test_more_pictures_than_a_batch_come_back_in_order(embedder):
    colours = [list(COLOURS)[i % len(COLOURS)] for i in range(19)]
    together = embedder.embed_images([plain(*colours)])
    alone = np.concatenate([embedder.embed_images([plain(colour)]) for colour in colours])
    assert np.allclose(together, alone, atol=1e-5)


def test_nothing_gives_nothing(embedder):
    assert embedder.embed_text([]).shape == (0, embedder.dim)
    assert embedder.embed_images([np.zeros((0, 32, 32, 3), np.uint8)]).shape == (0, embedder.dim)


def test_a_picture_of_another_size_is_refused(embedder):
    with pytest.raises(ModelError, match="32 x 32"):
        embedder.embed_images([np.zeros((1, 16, 32, 3), np.uint8)])


def test_a_long_question_is_cut_and_keeps_its_end_mark(embedder):
    tokens = embedder.tokens(["red " * 400])
    assert tokens.shape == (1, CONTEXT)
    assert tokens.dtype == np.int32
    assert tokens[0, 0] == 1
    assert tokens[0, -1] == 2


def test_short_questions_are_filled_up_with_the_padding_that_the_export_names(export):
    (export / "textual" / "tokenizer_config.json").write_text(json.dumps({"pad_token": {"content": "<unk>"}}), encoding="utf-8")
    make_pack(export, facts_from_name("x"))
    assert open_pack(export).tokens(["red"])[0].tolist() == [1, 4, 2] + [3] * (CONTEXT - 3)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("A Red_Car!  (fast)", "a red car fast"),
        ("it’s “new”", "its new"),
        ("fish &amp; chips", "fish chips"),
        ("\tÉté à\nParis, 2024.", "été à paris 2024"),
    ],
)
def test_siglip_wants_words_without_punctuation(given, wanted):
    assert cleaned(given, SIGLIP) == wanted


def test_words_for_siglip_are_what_open_clip_makes_of_them(torch_libraries):
    from open_clip.tokenizer import get_clean_fn

    theirs = get_clean_fn("canonicalize")
    pieces = ["A", "Red_Car!", "(fast)", "it’s", "“new”", "don't", "fish&amp;chips", "É.T.", "3.14", "a-b", "c/d", "...", "--"]
    pieces += ["_x_", "@me", "#1", "日本の桜、", "straße", "ﬁre", "&lt;b&gt;"]
    random = np.random.default_rng(1)
    for _ in range(500):
        text = " ".join(random.choice(pieces, random.integers(0, 9)))
        assert cleaned(text, SIGLIP) == theirs(text), text


def test_a_language_token_comes_in_front_only_where_the_tokenizer_puts_none(export):
    path = export / "textual" / "tokenizer.json"
    plain_recipe = TextRecipe(context_length=8, language="green")
    assert ClipTokenizer(path, plain_recipe).tokens(["red"])[0, :4].tolist() == [5, 1, 4, 2]
    there = TextRecipe(context_length=8, language="<start>")
    assert ClipTokenizer(path, there).tokens(["red"])[0, :3].tolist() == [1, 4, 2]
    assert ClipTokenizer(path, plain_recipe).tokens(["red " * 20])[0].tolist() == [5, 1, 4, 4, 4, 4, 4, 2]


def test_the_manifest_of_an_export_names_every_file_with_its_checksum(export):
    assert is_export(export)
    (export / "visual" / "model.onnx.data").write_bytes(b"weights")
    (export / "visual" / "model.rknn").write_bytes(b"for another runtime")
    (export / "README.md").write_text("words", encoding="utf-8")
    pack = make_pack(export, facts_from_name("immich-app/ViT-B-32__laion2b-s34b-b79k"))
    assert not is_export(export)
    assert pack.model_id == "ViT-B-32__laion2b-s34b-b79k"
    assert pack.title == "ViT-B-32 (laion2b-s34b-b79k)"
    assert pack.licence == ""
    assert "visual/model.onnx.data" in pack.files
    assert "visual/model.rknn" not in pack.files
    pack.verify()


def test_only_what_a_pack_needs_is_fetched():
    names = ["README.md", "config.json", "visual/model.onnx", "visual/model.onnx_data", "visual/fp16/model.onnx"]
    names += ["visual/preprocess_cfg.json", "textual/onnx__MatMul_3", "textual/vocab.json", "textual/tokenizer.json"]
    names += ["visual/model.armnn", "../evil", "visual/../../evil", "/visual/x"]
    assert needed_files(names) == [
        "config.json",
        "textual/onnx__MatMul_3",
        "textual/tokenizer.json",
        "visual/model.onnx",
        "visual/model.onnx_data",
        "visual/preprocess_cfg.json",
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("config.json", "{", "cannot be read"),
        ("config.json", "[]", "not a configuration"),
        ("config.json", '{"embed_dim": 48}', "text_cfg"),
        ("visual/preprocess_cfg.json", '{"size": 32, "mean": [0,0,0], "std": [1,1,1], "resize_mode": "longest"}', "longest"),
        ("textual/tokenizer.json", "{}", "tokenizer"),
    ],
)
def test_an_export_that_is_not_understood_is_refused_in_words(export, name, content, said):
    (export / name).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=said) as caught:
        make_pack(export, facts_from_name("x"))
    assert caught.value.remedy


def test_an_export_that_lacks_a_file_is_refused_by_its_name(export):
    (export / "visual" / "preprocess_cfg.json").unlink()
    with pytest.raises(ModelError, match=r"visual/preprocess_cfg\.json"):
        make_pack(export, facts_from_name("x"))


def test_a_manifest_with_broken_numbers_is_refused(export):
    make_pack(export, facts_from_name("x"))
    manifest = json.loads((export / "manifest.json").read_text(encoding="utf-8"))
    manifest["params"]["image"]["std"] = [1, 2]
    (export / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert ModelPack.open(export).kind == "clip"
    with pytest.raises(ModelError, match="numbers wrongly"):
        open_pack(export)


def test_torch_is_never_imported_on_the_way_without_it(export):
    make_pack(export, facts_from_name("x"))
    code = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from helios_desktop.embed.onnx_embedder import open_pack\n"
        "from helios_desktop.embed.int8 import quantise_and_gate\n"
        "folder = Path(sys.argv[1])\n"
        "pixels = np.random.default_rng(0).integers(0, 255, (12, 32, 32, 3), np.uint8)\n"
        "quantise_and_gate(folder, [pixels], ['red', 'green wall'])\n"
        "model = open_pack(folder)\n"
        "model.embed_text(['red']), model.embed_images([pixels])\n"
        "print([name for name in ('torch', 'torchvision', 'open_clip', 'transformers') if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(export)], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "[]"
