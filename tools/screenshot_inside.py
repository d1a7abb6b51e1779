"""What tools/screenshot.py has QGIS do: load the sample, open the dialog, run it, look at the map; steps by timer."""
# mypy: ignore-errors
# QGIS carries no types, and nothing here outlives one picture.

import os
from pathlib import Path

import processing
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDockWidget, QLineEdit
from qgis.utils import iface

PICTURES = Path(os.environ["KSDIFF_PICTURES"])
SAMPLE = Path(os.environ["KSDIFF_SAMPLE"])
OTHERS = ("evaluate", "trainingset", "train", "adapt", "models", "register")


class Walk:
    """One walk through the desktop; each step starts the next."""

    def start(self):
        window = iface.mainWindow()
        window.showNormal()
        window.setGeometry(0, 0, 1500, 950)
        for dock in window.findChildren(QDockWidget):
            dock.setVisible(dock.objectName() in ("Layers", "ProcessingToolbox"))
        self.pan = QgsRasterLayer(str(SAMPLE / "pan.tif"), "pan")
        self.ms = QgsRasterLayer(str(SAMPLE / "ms.tif"), "ms")
        QgsProject.instance().addMapLayers([self.ms, self.pan])
        iface.layerTreeView().setCurrentLayer(iface.layerTreeView().layerTreeModel().rootGroup().layerOrder()[0])
        iface.zoomToActiveLayer()
        QTimer.singleShot(2000, self.open)

    def open(self):
        given = {"SPECTRAL": [self.ms.id()], "PANCHROMATIC": self.pan.id()}
        self.dialog = processing.createAlgorithmDialog("ksdiff:pansharpen", given)
        self.dialog.algorithmFinished.connect(lambda *_: QTimer.singleShot(2500, self.look))
        self.dialog.resize(1020, 720)
        self.dialog.show()
        self.dialog.runButton().setFocus()
        QTimer.singleShot(1500, self.run)

    def run(self):
        self.dialog.grab().save(str(PICTURES / "dialog.png"))
        self.others = list(OTHERS)
        self.next()

    def next(self):
        """Photograph the other dialogs, one after the other, before the first one is run."""
        if not self.others:
            QTest.mouseClick(self.dialog.runButton(), Qt.MouseButton.LeftButton)
            return
        images = {"SPECTRAL": [self.ms.id()], "PANCHROMATIC": self.pan.id()}
        samples = {"MSS": [self.ms.id()], "PANS": [self.pan.id()]}
        given = samples if self.others[0] == "trainingset" else {**images, "NAME": "My sensor"}
        self.second = processing.createAlgorithmDialog(f"ksdiff:{self.others[0]}", given)
        self.second.resize(1020, 720)
        self.second.show()
        QTimer.singleShot(1500, self.photograph)

    def photograph(self):
        self.second.grab().save(str(PICTURES / f"{self.others.pop(0)}.png"))
        self.second.close()
        self.second.deleteLater()
        QTimer.singleShot(300, self.next)

    def look(self):
        self.dialog.close()
        self.dialog.deleteLater()
        iface.mapCanvas().zoomByFactor(0.4)
        iface.layerTreeView().expandAll()
        iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox").findChild(QLineEdit).setText("pansharpen")
        QTimer.singleShot(3000, self.end)

    def end(self):
        iface.mainWindow().grab().save(str(PICTURES / "result.png"))
        self.pan = self.ms = self.dialog = self.second = None
        QgsProject.instance().clear()
        QTimer.singleShot(500, iface.actionExit().trigger)


walk = Walk()
QTimer.singleShot(1500, walk.start)
