"""The way without torch gives what open_clip gives: same pixels, tokens and vectors. Weights are random, shapes real."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helios_desktop.decode.views import make_view
from helios_desktop.embed.int8 import quantise_and_gate
from helios_desktop.embed.onnx_embedder import open_pack

export = pytest.importorskip("helios_desktop.embed.open_clip.export")
source = pytest.importorskip("helios_desktop.embed.open_clip.source")

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
TEXTS = [
    "a photo of a dog",
    "A RED_car; (fast!)",
    "“curly” it’s  a\ttab",
    "fish &amp; chips",
    "日本の桜",
    "",
    "word " * 200,
]
OPENAI = {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711]}
VIT = {
    "model_cfg": {
        "embed_dim": 64,
        "vision_cfg": {"image_size": 64, "patch_size": 16, "layers": 2, "width": 128, "head_width": 32},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 4, "layers": 2},
    },
    "preprocess_cfg": {**OPENAI, "interpolation": "bicubic", "resize_mode": "shortest"},
}
SIGLIP = {
    "model_cfg": {
        "embed_dim": 192,
        "init_logit_bias": -10,
        "custom_text": True,
        "vision_cfg": {
            "image_size": 224,
            "timm_model_name": "vit_tiny_patch16_224",
            "timm_model_pretrained": False,
            "timm_pool": "map",
            "timm_proj": "none",
        },
        "text_cfg": {
            "context_length": 64,
            "vocab_size": 49408,
            "tokenizer_kwargs": {"clean": "canonicalize"},
            "width": 192,
            "heads": 3,
            "layers": 2,
            "no_causal_mask": True,
            "proj_bias": True,
            "pool_type": "last",
            "norm_kwargs": {"eps": 1e-6},
        },
    },
    "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic", "resize_mode": "squash"},
}
VIT_B_32 = {
    "model_cfg": {
        "embed_dim": 512,
        "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12},
    },
    "preprocess_cfg": {**OPENAI, "interpolation": "bicubic", "resize_mode": "shortest"},
}
SIGLIP_B_16 = {
    "model_cfg": {
        **SIGLIP["model_cfg"],
        "embed_dim": 768,
        "vision_cfg": {**SIGLIP["model_cfg"]["vision_cfg"], "timm_model_name": "vit_base_patch16_siglip_224"},
        "text_cfg": {**SIGLIP["model_cfg"]["text_cfg"], "width": 768, "heads": 12, "layers": 12},
    },
    "preprocess_cfg": SIGLIP["preprocess_cfg"],
}
"""open_clip's ViT-B-16-SigLIP but for its vocabulary, which open_clip does not ship."""
FULL = [pytest.mark.full, pytest.mark.timeout(2400)]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(VIT, id="ViT"),
        pytest.param(SIGLIP, id="SigLIP-shaped"),
        pytest.param(VIT_B_32, id="ViT-B-32", marks=FULL),
        pytest.param(SIGLIP_B_16, id="ViT-B-16-SigLIP", marks=FULL),
    ],
)
def pair(request, tmp_path_factory):
    """A model of random weights in open_clip, and the same as a pack: (model, preprocess, tokenizer, folder)."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    base = tmp_path_factory.mktemp("model")
    folder = base / "random"
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps(request.param), encoding="utf-8")
    torch.manual_seed(5)
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}", load_weights=False)
    weights = base / "random.safetensors"
    save_file({name: value.contiguous().clone() for name, value in model.state_dict().items()}, weights)
    pack = base / "pack"
    export.export_pack(
        source.OpenClipSource(architecture=str(folder), checkpoint=weights),
        pack,
        pictures=lambda view: [make_view(image, view) for image in samples()],
        is_int8_wanted=False,
    )
    return model.eval(), preprocess, open_clip.get_tokenizer(f"local-dir:{folder}"), pack


def samples():
    return [Image.open(path).convert("RGB") for path in sorted(SAMPLES.glob("*.jpg"))]


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_words_become_the_same_tokens(pair):
    _, _, tokenizer, folder = pair
    embedder = open_pack(folder)
    for text in TEXTS:
        assert np.array_equal(embedder.tokens([text]), tokenizer([text]).numpy()), text


def test_photos_become_the_same_pixels(pair):
    _, preprocess, _, folder = pair
    embedder = open_pack(folder)
    for image in samples():
        mine = embedder._normalised(make_view(image, embedder.preprocess[0])[np.newaxis])[0]
        assert np.abs(mine - preprocess(image).numpy()).max() < 1e-4


def test_vectors_agree_with_open_clip(pair):
    import torch

    model, preprocess, tokenizer, folder = pair
    embedder = open_pack(folder)
    images = samples()
    with torch.inference_mode():
        seen = unit(model.encode_image(torch.stack([preprocess(image) for image in images])).numpy())
        read = unit(model.encode_text(tokenizer(TEXTS)).numpy())
    mine = embedder.embed_images([np.stack([make_view(image, embedder.preprocess[0]) for image in images])])
    found = {"pictures": (mine * seen).sum(axis=1).min(), "words": (embedder.embed_text(TEXTS) * read).sum(axis=1).min()}
    print("lowest cosine with open_clip:", found)
    assert min(found.values()) >= 0.999
    embedder.close()


def test_the_8_bit_form_passes_its_gate_or_is_not_used(pair):
    _, _, _, folder = pair
    exact = open_pack(folder)
    photos = np.stack([make_view(image, exact.preprocess[0]) for image in samples()])
    before = exact.embed_images([photos])
    report = quantise_and_gate(folder, [photos])
    print(report.sentence())
    after = open_pack(folder).embed_images([photos])
    assert report.image_cosine >= 0.99 or not report.is_image_kept
    assert (before * after).sum(axis=1).mean() >= 0.99
    exact.close()
