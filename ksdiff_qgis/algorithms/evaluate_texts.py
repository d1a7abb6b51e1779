"""What is said about the algorithm Evaluate, in its dialog, on the command line and in the documentation."""

from __future__ import annotations

from ..translation import tr
from .base import Texts


def texts() -> Texts:
    """Return the texts, in the user's language; one per parameter and output."""
    return Texts(
        short=tr("Says how good sharpened images are, and where they are not, in a report to read and in numbers."),
        long=tr(
            "Judges images you have, from whatever program, and methods that are run for comparison. Methods are also "
            "run on the pair made coarser by its own ratio, where the original multispectral image is the truth "
            "(Wald's protocol); images you have are judged by what needs no truth: how well they keep the measured "
            "colours and follow the detail of the panchromatic image. The multispectral image, only enlarged, is "
            "always among them: what is no better than that has gained nothing. Memory stays bounded however large the "
            "images are."
        ),
        parameters={
            "SPECTRAL": tr("One image, or several where each band has a file of its own, all on one grid."),
            "PANCHROMATIC": tr("The image of one band and finer pixels."),
            "FUSED": tr(
                "Images to judge, on the grid of the panchromatic image and with the bands of the multispectral one."
            ),
            "METHODS": tr(
                "Methods to run and judge as well, each on the pair and on the pair made coarser. Several methods take "
                "several times as long."
            ),
            "MODELS": tr(
                "Trained models, files that end in .safetensors, to run and judge as methods are; they compute where "
                "those of Pansharpen do."
            ),
            "REFERENCE": tr(
                "The truth on the grid of the panchromatic image, where it is known, as from Simulate a pair. Then "
                "everything is compared with it, and the pair is not made coarser."
            ),
            "SENSOR": tr(
                "Which instrument took the images: it tells how much each band blurs. AUTO finds it from file names, "
                "metadata and band names, and says so in the log."
            ),
            "EXTENT": tr("Only this part of the panchromatic image, in any coordinate system. Empty: all of it."),
            "BANDS": tr(
                "Which multispectral bands to take, counted from 1 over all files; the images to judge have these "
                "bands, in this order. Empty: all."
            ),
            "NODATA": tr("The value that marks missing pixels, in place of what the files declare."),
            "BORDER": tr("Pixels left out along each edge when comparing with the truth; 0 uses everything."),
            "PAN_BAND": tr("Which band of the panchromatic file to use, where it has more than one."),
            "THREADS": tr("How many threads to use, 0 for all cores. Empty: as set in the options of the provider."),
            "OUTPUT_HTML": tr("One file that opens in any browser, without the internet, and can be printed."),
            "OUTPUT_JSON": tr("All numbers, for programs."),
            "OUTPUT_CSV": tr("All numbers as a table, one line per image."),
            "OUTPUT_ERROR": tr(
                "The error of the first image that can be compared with a truth, in per cent, as a GeoTIFF."
            ),
        },
        outputs={
            "JUDGED": tr("The image all further numbers are of: the first one given, or else the first method."),
            **_said_of_numbers(),
            "RATIO": tr("Multispectral pixel size over panchromatic pixel size."),
            "SHIFT": tr("How far the multispectral image lies off, in panchromatic pixels; empty if not measurable."),
            "SECONDS": tr("How long the run took."),
            "PEAK_MB": tr("The most that QGIS and the run together held, in megabytes."),
        },
    )


def _said_of_numbers() -> dict[str, str]:
    truth = tr("Against the truth; empty where there is none.")
    alone = tr("Against the panchromatic and the multispectral image alone.")
    worst = tr("Of the band where it is worst.")
    said = {}
    for names, text in ((TRUTH_NUMBERS, truth), (FULL_NUMBERS, alone)):
        said.update({name: f"{text} {worst}" if name in OF_BANDS else text for name in names})
    return said


# Declared output: its name in the engine's result.
TRUTH_NUMBERS = {
    "SAM": "sam",
    "ERGAS": "ergas",
    "SCC": "scc",
    "Q": "q",
    "Q2N": "q2n",
    "PSNR": "psnr",
    "SSIM": "ssim",
    "RMSE": "rmse",
    "RMSE_PERCENT": "rmse_percent",
    "BIAS_PERCENT": "bias_percent",
}
FULL_NUMBERS = {
    "D_LAMBDA_K": "d_lambda_k",
    "D_LAMBDA": "d_lambda",
    "D_S": "d_s",
    "QNR": "qnr",
    "HQNR": "hqnr",
    "D_RHO": "d_rho",
    "R_SAM": "r_sam",
    "R_ERGAS": "r_ergas",
    "R_Q": "r_q",
    "R_Q2N": "r_q2n",
    "R_RMSE_PERCENT": "r_rmse_percent",
    "R_BIAS_PERCENT": "r_bias_percent",
}
OF_BANDS = ("RMSE", "RMSE_PERCENT", "BIAS_PERCENT", "R_RMSE_PERCENT", "R_BIAS_PERCENT")
