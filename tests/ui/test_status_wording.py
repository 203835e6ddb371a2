"""What the status bar says while a new model is getting ready."""

from helios_desktop.domain import Progress
from helios_desktop.ui.status.wording import progress_sentence


def test_the_model_that_is_getting_ready_is_named_beside_how_far_it_is():
    progress = Progress(
        phase="indexing", done=120, total=5000, skipped=0, per_second=12.0, eta_seconds=400.0, message="getting ViT-B/32 ready"
    )
    said = progress_sentence(progress, str)
    assert said.startswith("Indexing 120 of")
    assert said.endswith("getting ViT-B/32 ready")
