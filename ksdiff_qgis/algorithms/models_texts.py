"""What is said about the algorithm Models, in its dialog, on the command line and in the documentation."""

from __future__ import annotations

from .. import paths
from ..translation import tr
from .base import Texts


def texts() -> Texts:
    """Return the texts, in the user's language; one per parameter and output."""
    return Texts(
        short=tr("Lists the models that are there, shows their cards, takes new ones in, and removes your own."),
        long=tr(
            "A model is one .safetensors file, which holds numbers and a card, and no code. The card says what the "
            "model takes, how good it was and on which images, from what it learnt, and on which terms it may be used. "
            "Models come with the plugin, or lie in your own folder, {folder}, which outlives updates of the plugin; "
            "the options of the provider, or the environment variable KSDIFF_MODELS, can name further folders. "
            "All of them can be chosen wherever a model is asked for. Nothing is fetched from anywhere."
        ).format(folder=paths.models()),
        parameters={
            "ACTION": tr(
                "LIST shows the cards of all models, or of the one that is named. IMPORT checks a file to its last "
                "byte (its structure, the hash of its weights, that they are finite numbers), copies it into your "
                "folder and says on which terms it may be used; a model of the same name and version with other "
                "contents is never replaced. REMOVE deletes a model from your folder, and from nowhere else. EXPORT "
                "describes a model as a STAC item with the machine learning model extension, for catalogues."
            ),
            "KNOWN_MODEL": tr(
                "One of the models that are there. The newest goes by its name alone, older ones with their version."
            ),
            "MODEL": tr("The same as a file, such as the one to import; or the name of a known model."),
            "OUTPUT_MLM": tr("The STAC item, which EXPORT needs; its name ends in .json."),
            "OUTPUT": tr("A page with the card of each model; after REMOVE, of those that are left."),
        },
        outputs={
            "COUNT": tr("How many models the page shows."),
            "NAME": tr("Name and version of the one model that was named; else empty."),
            "MODEL_FILE": tr(
                "Where it lies, for the next step of a model of QGIS; empty for several, or after REMOVE."
            ),
            "FOLDER": tr("Your own folder of models; it is made when the first one is put there."),
            "JSON": tr("All that the engine found, as JSON, such as all of a card."),
        },
    )
