"""How a result first looks on the map: its bands as colours, stretched over what is valid."""

from __future__ import annotations

from typing import Any

from processing.core.ProcessingConfig import ProcessingConfig
from qgis.core import (
    QgsContrastEnhancement,
    QgsMultiBandColorRenderer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsRectangle,
    QgsSingleBandGrayRenderer,
)

_SAMPLED_PIXELS = 250_000  # what QGIS itself takes for its first stretch
_TAILS = (0.02, 0.98)
_alive: dict[str, Styler] = {}  # QGIS keeps no reference: without ours Python would collect them


class Styler(QgsProcessingLayerPostProcessorInterface):
    """Styles one loaded layer by the engine's `display`: {"kind": ..., "bands": [r, g, b] or [grey]}, 1-based."""

    def __init__(self, algorithm: str, display: dict[str, Any]) -> None:
        super().__init__()
        self._algorithm = algorithm
        self._bands = [int(band) for band in display["bands"]]

    def postProcessLayer(self, layer: Any, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        if not isinstance(layer, QgsRasterLayer) or not layer.isValid() or max(self._bands) > layer.bandCount():
            return
        if self._user_has_own_style():
            return
        provider = layer.dataProvider()
        if len(self._bands) == 3:
            layer.setRenderer(QgsMultiBandColorRenderer(provider, *self._bands))
        else:
            layer.setRenderer(QgsSingleBandGrayRenderer(provider, self._bands[0]))
        origin = QgsRasterMinMaxOrigin()
        origin.setLimits(QgsRasterMinMaxOrigin.Limits.CumulativeCut)
        origin.setCumulativeCutLower(_TAILS[0])
        origin.setCumulativeCutUpper(_TAILS[1])
        layer.renderer().setMinMaxOrigin(origin)
        layer.setContrastEnhancement(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
            QgsRasterMinMaxOrigin.Limits.CumulativeCut,
            QgsRectangle(),
            _SAMPLED_PIXELS,
        )
        layer.triggerRepaint()

    def _user_has_own_style(self) -> bool:
        """Return whether QGIS was told how to show such results; it has loaded that style by now."""
        from processing.gui.RenderingStyles import RenderingStyles

        own = RenderingStyles.getStyle(self._algorithm, "OUTPUT")
        return bool(own or ProcessingConfig.getSetting(ProcessingConfig.RASTER_STYLE))


def attach(context: QgsProcessingContext, algorithm: str, output: str, display: dict[str, Any]) -> None:
    """Style `output` once it is loaded, if it is to be."""
    if context.willLoadLayerOnCompletion(output):
        _alive[output] = Styler(algorithm, display)
        context.layerToLoadOnCompletionDetails(output).setPostProcessor(_alive[output])
