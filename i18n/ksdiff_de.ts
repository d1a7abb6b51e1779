<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" sourcelanguage="en" language="de">
    <context>
        <name>ksdiff</name>
        <message>
            <source>Adapt a model to a scene</source>
            <translation>Modell an eine Szene anpassen</translation>
        </message>
        <message>
            <source>pansharpening,model,adapt,adaptation,fine-tune,fine-tuning,train,learning,zero-shot,scene</source>
            <translation>Pansharpening,Modell,anpassen,Anpassung,Feinabstimmung,trainieren,lernen,Szene,model,adapt,adaptation,fine-tune,fine-tuning,train,learning,zero-shot,scene</translation>
        </message>
        <message>
            <source>Minutes</source>
            <translation>Minuten</translation>
        </message>
        <message>
            <source>Device of the model</source>
            <translation>Gerät für das Modell</translation>
        </message>
        <message>
            <source>Seed</source>
            <translation>Zufallsstartwert</translation>
        </message>
        <message>
            <source>Adapted model</source>
            <translation>Angepasstes Modell</translation>
        </message>
        <message>
            <source>Models (*.safetensors)</source>
            <translation>Modelle (*.safetensors)</translation>
        </message>
        <message>
            <source>Name of the adapted model</source>
            <translation>Name des angepassten Modells</translation>
        </message>
        <message>
            <source>Device used</source>
            <translation>Verwendetes Gerät</translation>
        </message>
        <message>
            <source>Sensor used</source>
            <translation>Verwendeter Sensor</translation>
        </message>
        <message>
            <source>Error before adapting</source>
            <translation>Fehler vor der Anpassung</translation>
        </message>
        <message>
            <source>Error after adapting</source>
            <translation>Fehler nach der Anpassung</translation>
        </message>
        <message>
            <source>Steps</source>
            <translation>Schritte</translation>
        </message>
        <message>
            <source>Seconds</source>
            <translation>Sekunden</translation>
        </message>
        <message>
            <source>Peak memory in MB</source>
            <translation>Höchster Speicherbedarf in MB</translation>
        </message>
        <message>
            <source>Lets a model for any sensor learn from a scene, and writes the model that it becomes.</source>
            <translation>Lässt ein Modell für beliebige Sensoren aus einer Szene lernen und schreibt das daraus entstandene Modell.</translation>
        </message>
        <message>
            <source>The pair is made coarser by its own ratio, so that the original multispectral image is the truth, and the model learns what it misses there. On parts of the scene that it does not learn from, the model as it was competes with what it becomes: the best is written, so that it is never worse there. Use the result as Model of Pansharpen, for this scene and for others of the same sensor; Pansharpen can also adapt a model by itself, without keeping it. The images stay on this computer.</source>
            <translation>Das Bildpaar wird um sein eigenes Auflösungsverhältnis vergröbert, sodass das multispektrale Originalbild als Referenz dient, und das Modell lernt, was ihm dort fehlt. Auf Teilen der Szene, aus denen es nicht lernt, tritt das ursprüngliche Modell gegen das angepasste an: Geschrieben wird der beste Stand, sodass das Ergebnis dort nie schlechter ist. Das Ergebnis lässt sich in „Pansharpening“ als Modell verwenden, für diese Szene und für andere desselben Sensors; „Pansharpening“ kann ein Modell auch selbst anpassen, ohne es aufzubewahren. Die Bilder bleiben auf diesem Rechner.</translation>
        </message>
        <message>
            <source>One image, or several where each band has a file of its own, all on one grid and in the coordinate system of the panchromatic image.</source>
            <translation>Ein Bild oder, wenn jeder Kanal eine eigene Datei hat, mehrere, alle im selben Pixelraster und im Koordinatenbezugssystem des panchromatischen Bilds.</translation>
        </message>
        <message>
            <source>The image of one band and finer pixels.</source>
            <translation>Das Bild mit nur einem Kanal und feineren Pixeln.</translation>
        </message>
        <message>
            <source>The model to begin with, which must be one for any bands: one of those that come with the plugin, your own in {folder}, and those of the folders in the options of the provider. Empty: one is chosen among them.</source>
            <translation>Das Ausgangsmodell, das für beliebige Kanäle geeignet sein muss: eines der mit der Erweiterung gelieferten, der eigenen in {folder} oder derer aus den Ordnern in den Optionen des Datenanbieters. Leer: Unter diesen wird eines gewählt.</translation>
        </message>
        <message>
            <source>Instead of a known model, the file of any. It computes in another Python, so that nothing it does can harm QGIS.</source>
            <translation>Statt eines bekannten Modells die Datei eines beliebigen. Es rechnet in einem anderen Python, sodass nichts, was es tut, QGIS schaden kann.</translation>
        </message>
        <message>
            <source>How long the model learns. Longer is better for some minutes, and changes little then.</source>
            <translation>Wie lange das Modell lernt. Einige Minuten lang hilft mehr Zeit, danach ändert sich wenig.</translation>
        </message>
        <message>
            <source>Which instrument took the images: it tells how much each band blurs. AUTO finds it from file names, metadata and band names, and says so in the log.</source>
            <translation>Welches Instrument die Bilder aufgenommen hat: Davon hängt ab, wie unscharf jeder Kanal ist. AUTO ermittelt es aus Dateinamen, Metadaten und Kanalnamen und nennt es im Protokoll.</translation>
        </message>
        <message>
            <source>Learn from this part of the panchromatic image alone, in any coordinate system. Empty: from all of it.</source>
            <translation>Nur aus diesem Teil des panchromatischen Bilds lernen, in beliebigem Koordinatenbezugssystem. Leer: aus dem ganzen Bild.</translation>
        </message>
        <message>
            <source>Which multispectral bands to learn from, counted from 1 over all files; such as 3 2 1. Empty: all.</source>
            <translation>Aus welchen multispektralen Kanälen gelernt wird, ab 1 über alle Dateien gezählt, etwa 3 2 1. Leer: aus allen.</translation>
        </message>
        <message>
            <source>The value that marks missing pixels, in place of what the files declare.</source>
            <translation>Der Wert, der fehlende Pixel kennzeichnet, anstelle des in den Dateien angegebenen.</translation>
        </message>
        <message>
            <source>Which band of the panchromatic file to use, where it has more than one.</source>
            <translation>Welcher Kanal der panchromatischen Datei verwendet wird, wenn sie mehrere hat.</translation>
        </message>
        <message>
            <source>What a model computes on. AUTO takes a graphics card where PyTorch can use one.</source>
            <translation>Worauf ein Modell rechnet. AUTO nimmt eine Grafikkarte, wenn PyTorch eine nutzen kann.</translation>
        </message>
        <message>
            <source>Of the order in which the model sees what it learns from.</source>
            <translation>Für die Reihenfolge, in der das Modell die Lerndaten sieht.</translation>
        </message>
        <message>
            <source>How many threads to use, 0 for all cores. Empty: as set in the options of the provider.</source>
            <translation>Wie viele Threads verwendet werden, 0 für alle Kerne. Leer: wie in den Optionen des Datenanbieters eingestellt.</translation>
        </message>
        <message>
            <source>A model file; its name ends in .safetensors.</source>
            <translation>Eine Modelldatei; ihr Name endet auf .safetensors.</translation>
        </message>
        <message>
            <source>Its name and version.</source>
            <translation>Name und Version des Modells.</translation>
        </message>
        <message>
            <source>What the model computed on.</source>
            <translation>Worauf das Modell gerechnet hat.</translation>
        </message>
        <message>
            <source>The sensor chosen or recognised, as SENSOR takes it.</source>
            <translation>Der gewählte oder erkannte Sensor, so wie SENSOR ihn erwartet.</translation>
        </message>
        <message>
            <source>Of the model to begin with, on parts of the pair made coarser that it did not learn from, as a share of the error of MTF-GLP-FS.</source>
            <translation>Fehler des Ausgangsmodells auf Teilen des vergröberten Bildpaars, aus denen es nicht gelernt hat, als Anteil am Fehler von MTF-GLP-FS.</translation>
        </message>
        <message>
            <source>The same of the model that it became.</source>
            <translation>Dasselbe für das angepasste Modell.</translation>
        </message>
        <message>
            <source>How often it learned from a few samples.</source>
            <translation>Wie oft es aus einigen wenigen Ausschnitten gelernt hat.</translation>
        </message>
        <message>
            <source>How long the run took.</source>
            <translation>Wie lange der Lauf gedauert hat.</translation>
        </message>
        <message>
            <source>The most that QGIS and the run together held, in megabytes.</source>
            <translation>Der höchste gemeinsame Speicherbedarf von QGIS und dem Lauf, in Megabyte.</translation>
        </message>
        <message>
            <source>Parameters</source>
            <translation>Parameter</translation>
        </message>
        <message>
            <source>Further outputs</source>
            <translation>Weitere Ausgaben</translation>
        </message>
        <message>
            <source>Give the name, not the number.</source>
            <translation>Den Namen angeben, nicht die Nummer.</translation>
        </message>
        <message>
            <source>Threads</source>
            <translation>Threads</translation>
        </message>
        <message>
            <source>{name} cannot be '{value}'. Choose one of {choices}.</source>
            <translation>{name} kann nicht „{value}“ sein. Wählen Sie einen dieser Werte: {choices}.</translation>
        </message>
        <message>
            <source>No file was named for the result. Name one that ends in .tif.</source>
            <translation>Für das Ergebnis ist keine Datei angegeben. Geben Sie eine an, deren Name auf .tif endet.</translation>
        </message>
        <message>
            <source>A result is a GeoTIFF, and '{name}' does not end like one. Let the name end in .tif.</source>
            <translation>Das Ergebnis ist ein GeoTIFF, aber „{name}“ hat eine andere Endung. Lassen Sie den Namen auf .tif enden.</translation>
        </message>
        <message>
            <source>Parameters in use: {values}</source>
            <translation>Verwendete Parameter: {values}</translation>
        </message>
        <message>
            <source>There is no parameter {name}; its value is ignored.</source>
            <translation>Es gibt keinen Parameter {name}; sein Wert wird ignoriert.</translation>
        </message>
        <message>
            <source>{name} is '{value}', which is no {kind}. Give one, or leave it empty.</source>
            <translation>{name} ist „{value}“; das ist keine {kind}. Geben Sie eine an oder lassen Sie den Wert weg.</translation>
        </message>
        <message>
            <source>whole number</source>
            <translation>ganze Zahl</translation>
        </message>
        <message>
            <source>number</source>
            <translation>Zahl</translation>
        </message>
        <message>
            <source>{name} is '{value}', which is no list of {kind}. Write {example}, for example.</source>
            <translation>{name} ist „{value}“; das ist keine Liste von {kind}. Schreiben Sie zum Beispiel {example}.</translation>
        </message>
        <message>
            <source>whole numbers</source>
            <translation>ganzen Zahlen</translation>
        </message>
        <message>
            <source>numbers</source>
            <translation>Zahlen</translation>
        </message>
        <message>
            <source>{name}: '{file}' cannot be loaded. Check its name and that it is an image.</source>
            <translation>{name}: „{file}“ kann nicht geladen werden. Prüfen Sie, ob der Name stimmt und ob die Datei ein Bild ist.</translation>
        </message>
        <message>
            <source>The layer '{layer}' comes from '{provider}', not from a file. Export it as GeoTIFF, then use that.</source>
            <translation>Der Layer „{layer}“ stammt von „{provider}“, nicht aus einer Datei. Exportieren Sie ihn als GeoTIFF und verwenden Sie dann dieses.</translation>
        </message>
        <message>
            <source>The layer '{layer}' is opened with driver options. Export it as GeoTIFF, then use that.</source>
            <translation>Der Layer „{layer}“ ist mit Treiberoptionen geöffnet. Exportieren Sie ihn als GeoTIFF und verwenden Sie dann dieses.</translation>
        </message>
        <message>
            <source>Check environment</source>
            <translation>Umgebung prüfen</translation>
        </message>
        <message>
            <source>environment,python,pytorch,torch,cuda,gpu,device,diagnostics,dependencies,deep learning</source>
            <translation>Umgebung,Gerät,Grafikkarte,Diagnose,Abhängigkeiten,environment,python,pytorch,torch,cuda,gpu,device,diagnostics,dependencies,deep learning</translation>
        </message>
        <message>
            <source>Python to ask</source>
            <translation>Zu prüfendes Python</translation>
        </message>
        <message>
            <source>Whether models can be run</source>
            <translation>Ob Modelle ausgeführt werden können</translation>
        </message>
        <message>
            <source>Python that is used</source>
            <translation>Verwendetes Python</translation>
        </message>
        <message>
            <source>Version of that Python</source>
            <translation>Version dieses Python</translation>
        </message>
        <message>
            <source>Version of PyTorch</source>
            <translation>Version von PyTorch</translation>
        </message>
        <message>
            <source>Version of numpy</source>
            <translation>Version von numpy</translation>
        </message>
        <message>
            <source>Version of safetensors</source>
            <translation>Version von safetensors</translation>
        </message>
        <message>
            <source>Device that AUTO takes</source>
            <translation>Gerät, das AUTO nimmt</translation>
        </message>
        <message>
            <source>Devices that compute</source>
            <translation>Funktionierende Geräte</translation>
        </message>
        <message>
            <source>Problem</source>
            <translation>Problem</translation>
        </message>
        <message>
            <source>Folder of environments</source>
            <translation>Ordner der Umgebungen</translation>
        </message>
        <message>
            <source>Free space in MB</source>
            <translation>Freier Speicherplatz in MB</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>Alle Dateien (*)</translation>
        </message>
        <message>
            <source>Says what there is to run models with: a Python with PyTorch, and the devices that compute.</source>
            <translation>Zeigt, womit Modelle ausgeführt werden können: ein Python mit PyTorch und die Geräte, die rechnen.</translation>
        </message>
        <message>
            <source>Models run in a Python of their own, beside QGIS. It is the one named in the options of the provider or in the environment variable KSDIFF_PYTHON; else one that was set up by 'Set up environment'; else that of QGIS. Each device has to do a real computation and to get it right. Nothing is changed and nothing is fetched. That nothing was found is an answer, not an error: USABLE is 0 then.</source>
            <translation>Modelle laufen in einem eigenen Python neben QGIS. Es ist das in den Optionen des Datenanbieters oder in der Umgebungsvariablen KSDIFF_PYTHON angegebene; sonst eines, das mit „Umgebung einrichten“ erstellt wurde; sonst das von QGIS. Jedes Gerät muss eine echte Berechnung ausführen und richtig lösen. Nichts wird verändert und nichts heruntergeladen. Dass nichts gefunden wurde, ist eine Antwort, kein Fehler: USABLE ist dann 0.</translation>
        </message>
        <message>
            <source>The program of a Python to ask in place of the one that would be used; such as /opt/conda/bin/python.</source>
            <translation>Das Programm eines Python, das anstelle des sonst verwendeten geprüft wird, etwa /opt/conda/bin/python.</translation>
        </message>
        <message>
            <source>1 where models can be run, else 0.</source>
            <translation>1, wenn Modelle ausgeführt werden können, sonst 0.</translation>
        </message>
        <message>
            <source>The program; empty where none can be used.</source>
            <translation>Das Programm; leer, wenn keines verwendbar ist.</translation>
        </message>
        <message>
            <source>Such as 3.12.4.</source>
            <translation>Zum Beispiel 3.12.4.</translation>
        </message>
        <message>
            <source>Such as 2.13.0+cpu.</source>
            <translation>Zum Beispiel 2.13.0+cpu.</translation>
        </message>
        <message>
            <source>Such as 2.4.6.</source>
            <translation>Zum Beispiel 2.4.6.</translation>
        </message>
        <message>
            <source>Such as 0.8.0.</source>
            <translation>Zum Beispiel 0.8.0.</translation>
        </message>
        <message>
            <source>A graphics card before the processor; such as cuda:0.</source>
            <translation>Eine Grafikkarte hat Vorrang vor dem Prozessor; zum Beispiel cuda:0.</translation>
        </message>
        <message>
            <source>All devices that computed rightly, with commas between; such as cpu,cuda:0.</source>
            <translation>Alle Geräte, die richtig gerechnet haben, durch Kommas getrennt; zum Beispiel cpu,cuda:0.</translation>
        </message>
        <message>
            <source>Each Python that was asked and cannot run models, and why.</source>
            <translation>Jedes geprüfte Python, das keine Modelle ausführen kann, und der Grund dafür.</translation>
        </message>
        <message>
            <source>Where 'Set up environment' makes environments.</source>
            <translation>Hier legt „Umgebung einrichten“ Umgebungen an.</translation>
        </message>
        <message>
            <source>What is free there, in megabytes.</source>
            <translation>Was dort frei ist, in Megabyte.</translation>
        </message>
        <message>
            <source>How long the check took.</source>
            <translation>Wie lange die Prüfung gedauert hat.</translation>
        </message>
        <message>
            <source>Evaluate sharpened images</source>
            <translation>Geschärfte Bilder bewerten</translation>
        </message>
        <message>
            <source>quality,assessment,report,metrics,ergas,sam,q4,q8,uiqi,scc,qnr,hqnr,wald,truth,accuracy,pansharpening</source>
            <translation>Qualität,Bewertung,Bericht,Gütemaße,Referenz,Genauigkeit,quality,assessment,report,metrics,ergas,sam,q4,q8,uiqi,scc,qnr,hqnr,wald,truth,accuracy,pansharpening</translation>
        </message>
        <message>
            <source>Sharpened images</source>
            <translation>Geschärfte Bilder</translation>
        </message>
        <message>
            <source>Methods to run and compare</source>
            <translation>Methoden zum Ausführen und Vergleichen</translation>
        </message>
        <message>
            <source>Models to run and compare</source>
            <translation>Modelle zum Ausführen und Vergleichen</translation>
        </message>
        <message>
            <source>Reference</source>
            <translation>Referenz</translation>
        </message>
        <message>
            <source>Border left out</source>
            <translation>Ausgelassener Rand</translation>
        </message>
        <message>
            <source>Report</source>
            <translation>Bericht</translation>
        </message>
        <message>
            <source>HTML files (*.html)</source>
            <translation>HTML-Dateien (*.html)</translation>
        </message>
        <message>
            <source>Numbers</source>
            <translation>Kennzahlen</translation>
        </message>
        <message>
            <source>JSON files (*.json)</source>
            <translation>JSON-Dateien (*.json)</translation>
        </message>
        <message>
            <source>Table</source>
            <translation>Tabelle</translation>
        </message>
        <message>
            <source>CSV files (*.csv)</source>
            <translation>CSV-Dateien (*.csv)</translation>
        </message>
        <message>
            <source>Error map</source>
            <translation>Fehlerkarte</translation>
        </message>
        <message>
            <source>Image judged</source>
            <translation>Bewertetes Bild</translation>
        </message>
        <message>
            <source>Resolution ratio</source>
            <translation>Auflösungsverhältnis</translation>
        </message>
        <message>
            <source>Shift between the images</source>
            <translation>Versatz zwischen den Bildern</translation>
        </message>
        <message>
            <source>Says how good sharpened images are, and where they are not, in a report to read and in numbers.</source>
            <translation>Zeigt in einem Bericht und in Kennzahlen, wie gut geschärfte Bilder sind und wo sie es nicht sind.</translation>
        </message>
        <message>
            <source>Judges images you have, from whatever program, and methods that are run for comparison. Methods are also run on the pair made coarser by its own ratio, where the original multispectral image is the truth (Wald's protocol); images you have are judged by what needs no truth: how well they keep the measured colours and follow the detail of the panchromatic image. The multispectral image, only enlarged, is always among them: what is no better than that has gained nothing. Memory stays bounded however large the images are.</source>
            <translation>Bewertet vorhandene Bilder, gleich aus welchem Programm, und Methoden, die zum Vergleich ausgeführt werden. Die Methoden werden auch auf das um sein eigenes Auflösungsverhältnis vergröberte Bildpaar angewandt, bei dem das multispektrale Originalbild als Referenz dient (Wald-Protokoll); vorhandene Bilder werden anhand dessen bewertet, was keine Referenz erfordert: wie gut sie die gemessenen Farben erhalten und den Details des panchromatischen Bilds folgen. Das nur vergrößerte multispektrale Bild ist immer dabei: Was nicht besser ist als dieses, hat nichts gewonnen. Der Speicherbedarf bleibt begrenzt, wie groß die Bilder auch sind.</translation>
        </message>
        <message>
            <source>One image, or several where each band has a file of its own, all on one grid.</source>
            <translation>Ein Bild oder, wenn jeder Kanal eine eigene Datei hat, mehrere, alle im selben Pixelraster.</translation>
        </message>
        <message>
            <source>Images to judge, on the grid of the panchromatic image and with the bands of the multispectral one.</source>
            <translation>Zu bewertende Bilder, im Pixelraster des panchromatischen und mit den Kanälen des multispektralen Bilds.</translation>
        </message>
        <message>
            <source>Methods to run and judge as well, each on the pair and on the pair made coarser. Several methods take several times as long.</source>
            <translation>Methoden, die ebenfalls ausgeführt und bewertet werden, jede auf dem Bildpaar selbst und auf dem vergröberten. Mehrere Methoden brauchen ein Mehrfaches der Zeit.</translation>
        </message>
        <message>
            <source>Trained models, files that end in .safetensors, to run and judge as methods are; they compute where those of Pansharpen do.</source>
            <translation>Trainierte Modelle, Dateien mit der Endung .safetensors, die wie Methoden ausgeführt und bewertet werden; sie rechnen dort, wo auch die von „Pansharpening“ rechnen.</translation>
        </message>
        <message>
            <source>The truth on the grid of the panchromatic image, where it is known, as from Simulate a pair. Then everything is compared with it, and the pair is not made coarser.</source>
            <translation>Das wahre Bild im Pixelraster des panchromatischen Bilds, sofern es bekannt ist, etwa aus „Bildpaar mit bekannter Referenz simulieren“. Dann wird alles damit verglichen und das Bildpaar nicht vergröbert.</translation>
        </message>
        <message>
            <source>Only this part of the panchromatic image, in any coordinate system. Empty: all of it.</source>
            <translation>Nur dieser Teil des panchromatischen Bilds, in beliebigem Koordinatenbezugssystem. Leer: das ganze Bild.</translation>
        </message>
        <message>
            <source>Which multispectral bands to take, counted from 1 over all files; the images to judge have these bands, in this order. Empty: all.</source>
            <translation>Welche multispektralen Kanäle verwendet werden, ab 1 über alle Dateien gezählt; die zu bewertenden Bilder haben diese Kanäle, in dieser Reihenfolge. Leer: alle.</translation>
        </message>
        <message>
            <source>Pixels left out along each edge when comparing with the truth; 0 uses everything.</source>
            <translation>Pixel, die beim Vergleich mit der Referenz entlang jedes Rands ausgelassen werden; 0 verwendet alles.</translation>
        </message>
        <message>
            <source>One file that opens in any browser, without the internet, and can be printed.</source>
            <translation>Eine Datei, die sich ohne Internet in jedem Browser öffnen und drucken lässt.</translation>
        </message>
        <message>
            <source>All numbers, for programs.</source>
            <translation>Alle Kennzahlen, für Programme.</translation>
        </message>
        <message>
            <source>All numbers as a table, one line per image.</source>
            <translation>Alle Kennzahlen als Tabelle, eine Zeile pro Bild.</translation>
        </message>
        <message>
            <source>The error of the first image that can be compared with a truth, in per cent, as a GeoTIFF.</source>
            <translation>Der Fehler des ersten Bilds, das sich mit einer Referenz vergleichen lässt, in Prozent, als GeoTIFF.</translation>
        </message>
        <message>
            <source>The image all further numbers are of: the first one given, or else the first method.</source>
            <translation>Das Bild, für das alle weiteren Kennzahlen gelten: das erste angegebene oder sonst das der ersten Methode.</translation>
        </message>
        <message>
            <source>Multispectral pixel size over panchromatic pixel size.</source>
            <translation>Pixelgröße des multispektralen Bilds geteilt durch die des panchromatischen.</translation>
        </message>
        <message>
            <source>How far the multispectral image lies off, in panchromatic pixels; empty if not measurable.</source>
            <translation>Wie weit das multispektrale Bild versetzt liegt, in panchromatischen Pixeln; leer, wenn nicht messbar.</translation>
        </message>
        <message>
            <source>Against the truth; empty where there is none.</source>
            <translation>Im Vergleich mit der Referenz; leer, wenn es keine gibt.</translation>
        </message>
        <message>
            <source>Against the panchromatic and the multispectral image alone.</source>
            <translation>Allein anhand des panchromatischen und des multispektralen Bilds.</translation>
        </message>
        <message>
            <source>Of the band where it is worst.</source>
            <translation>Für den Kanal mit dem schlechtesten Wert.</translation>
        </message>
        <message>
            <source>Known model</source>
            <translation>Bekanntes Modell</translation>
        </message>
        <message>
            <source>Models (*.safetensors);;All files (*)</source>
            <translation>Modelle (*.safetensors);;Alle Dateien (*)</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>Modell</translation>
        </message>
        <message>
            <source>Two models are named, {known} and {file}. Leave KNOWN_MODEL or MODEL empty.</source>
            <translation>Es sind zwei Modelle angegeben, {known} und {file}. Lassen Sie KNOWN_MODEL oder MODEL leer.</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>Modelle</translation>
        </message>
        <message>
            <source>model,card,list,import,install,remove,delete,export,stac,mlm,licence,weights,zoo,library</source>
            <translation>Modell,Modellkarte,auflisten,importieren,installieren,entfernen,löschen,exportieren,Lizenz,Gewichte,Bibliothek,model,card,list,import,install,remove,delete,export,stac,mlm,licence,weights,zoo,library</translation>
        </message>
        <message>
            <source>What to do</source>
            <translation>Aktion</translation>
        </message>
        <message>
            <source>STAC item</source>
            <translation>STAC-Item</translation>
        </message>
        <message>
            <source>Cards</source>
            <translation>Modellkarten</translation>
        </message>
        <message>
            <source>Number of models</source>
            <translation>Anzahl der Modelle</translation>
        </message>
        <message>
            <source>Name of the model</source>
            <translation>Name des Modells</translation>
        </message>
        <message>
            <source>File of the model</source>
            <translation>Datei des Modells</translation>
        </message>
        <message>
            <source>Folder of your models</source>
            <translation>Ordner der eigenen Modelle</translation>
        </message>
        <message>
            <source>All that was found</source>
            <translation>Alles, was gefunden wurde</translation>
        </message>
        <message>
            <source>No file was named for the STAC item. Name one that ends in .json.</source>
            <translation>Für das STAC-Item ist keine Datei angegeben. Geben Sie eine an, deren Name auf .json endet.</translation>
        </message>
        <message>
            <source>Lists the models that are there, shows their cards, takes new ones in, and removes your own.</source>
            <translation>Listet die vorhandenen Modelle auf, zeigt ihre Modellkarten, nimmt neue auf und entfernt eigene.</translation>
        </message>
        <message>
            <source>A model is one .safetensors file, which holds numbers and a card, and no code. The card says what the model takes, how good it was and on which images, from what it learnt, and on which terms it may be used. Models come with the plugin, or lie in your own folder, {folder}, which outlives updates of the plugin; the options of the provider, or the environment variable KSDIFF_MODELS, can name further folders. All of them can be chosen wherever a model is asked for. Nothing is fetched from anywhere.</source>
            <translation>Ein Modell ist eine einzige .safetensors-Datei, die Zahlen und eine Modellkarte enthält, aber keinen Programmcode. Die Modellkarte sagt, was das Modell verarbeitet, wie gut es war und auf welchen Bildern, woraus es gelernt hat und unter welchen Bedingungen es verwendet werden darf. Modelle werden mit der Erweiterung geliefert oder liegen im eigenen Ordner {folder}, der Aktualisierungen der Erweiterung übersteht; die Optionen des Datenanbieters oder die Umgebungsvariable KSDIFF_MODELS können weitere Ordner nennen. Alle diese Modelle sind überall wählbar, wo ein Modell verlangt wird. Es wird nichts heruntergeladen.</translation>
        </message>
        <message>
            <source>LIST shows the cards of all models, or of the one that is named. IMPORT checks a file to its last byte (its structure, the hash of its weights, that they are finite numbers), copies it into your folder and says on which terms it may be used; a model of the same name and version with other contents is never replaced. REMOVE deletes a model from your folder, and from nowhere else. EXPORT describes a model as a STAC item with the machine learning model extension, for catalogues.</source>
            <translation>LIST zeigt die Modellkarten aller Modelle oder die des angegebenen. IMPORT prüft eine Datei bis zum letzten Byte (ihren Aufbau, den Hash der Gewichte und dass diese endliche Zahlen sind), kopiert sie in den eigenen Ordner und nennt die Bedingungen, unter denen sie verwendet werden darf; ein Modell mit gleichem Namen und gleicher Version, aber anderem Inhalt wird nie ersetzt. REMOVE löscht ein Modell aus dem eigenen Ordner und nirgendwo sonst. EXPORT beschreibt ein Modell für Kataloge als STAC-Item mit der Erweiterung „Machine Learning Model“.</translation>
        </message>
        <message>
            <source>One of the models that are there. The newest goes by its name alone, older ones with their version.</source>
            <translation>Eines der vorhandenen Modelle. Das neueste steht unter seinem bloßen Namen, ältere mit ihrer Version.</translation>
        </message>
        <message>
            <source>The same as a file, such as the one to import; or the name of a known model.</source>
            <translation>Dasselbe als Datei, etwa die zu importierende; oder der Name eines bekannten Modells.</translation>
        </message>
        <message>
            <source>The STAC item, which EXPORT needs; its name ends in .json.</source>
            <translation>Die Datei für das STAC-Item, die EXPORT benötigt; ihr Name endet auf .json.</translation>
        </message>
        <message>
            <source>A page with the card of each model; after REMOVE, of those that are left.</source>
            <translation>Eine Seite mit der Modellkarte jedes Modells; nach REMOVE mit denen der verbliebenen.</translation>
        </message>
        <message>
            <source>How many models the page shows.</source>
            <translation>Wie viele Modelle die Seite zeigt.</translation>
        </message>
        <message>
            <source>Name and version of the one model that was named; else empty.</source>
            <translation>Name und Version des einen angegebenen Modells; sonst leer.</translation>
        </message>
        <message>
            <source>Where it lies, for the next step of a model of QGIS; empty for several, or after REMOVE.</source>
            <translation>Wo es liegt, für den nächsten Schritt eines QGIS-Modells; leer bei mehreren oder nach REMOVE.</translation>
        </message>
        <message>
            <source>Your own folder of models; it is made when the first one is put there.</source>
            <translation>Der Ordner der eigenen Modelle; er wird angelegt, sobald das erste hineinkommt.</translation>
        </message>
        <message>
            <source>All that the engine found, as JSON, such as all of a card.</source>
            <translation>Alles, was der Rechenkern gefunden hat, als JSON, etwa der ganze Inhalt einer Modellkarte.</translation>
        </message>
        <message>
            <source>Multispectral image, or one file per band</source>
            <translation>Multispektrales Bild oder eine Datei pro Kanal</translation>
        </message>
        <message>
            <source>Panchromatic image</source>
            <translation>Panchromatisches Bild</translation>
        </message>
        <message>
            <source>Sensor</source>
            <translation>Sensor</translation>
        </message>
        <message>
            <source>Extent</source>
            <translation>Ausdehnung</translation>
        </message>
        <message>
            <source>Bands</source>
            <translation>Kanäle</translation>
        </message>
        <message>
            <source>Nodata value</source>
            <translation>Leerwert</translation>
        </message>
        <message>
            <source>Panchromatic band</source>
            <translation>Panchromatischer Kanal</translation>
        </message>
        <message>
            <source>{name} is '{value}', which is no extent. Write xmin,xmax,ymin,ymax, followed by a space and [EPSG:4326], for example, where it is not in the coordinate system of the panchromatic image.</source>
            <translation>{name} ist „{value}“; das ist keine Ausdehnung. Schreiben Sie xmin,xmax,ymin,ymax, gefolgt von einem Leerzeichen und zum Beispiel [EPSG:4326], wenn sie nicht im Koordinatenbezugssystem des panchromatischen Bilds angegeben ist.</translation>
        </message>
        <message>
            <source>Pansharpen</source>
            <translation>Pansharpening</translation>
        </message>
        <message>
            <source>pansharpening,pan-sharpening,pansharp,sharpen,fusion,resolution,panchromatic,multispectral,brovey,ihs,gram-schmidt,mtf,satellite</source>
            <translation>Pansharpening,Panschärfung,Panbildschärfung,schärfen,Bildfusion,Auflösung,panchromatisch,multispektral,Satellit,pan-sharpening,pansharp,sharpen,fusion,resolution,panchromatic,multispectral,brovey,ihs,gram-schmidt,mtf,satellite</translation>
        </message>
        <message>
            <source>Method</source>
            <translation>Methode</translation>
        </message>
        <message>
            <source>Minutes to adapt the model</source>
            <translation>Minuten zum Anpassen des Modells</translation>
        </message>
        <message>
            <source>Nearest Neighbour</source>
            <translation>Nächster Nachbar</translation>
        </message>
        <message>
            <source>Bilinear</source>
            <translation>Bilinear</translation>
        </message>
        <message>
            <source>Cubic</source>
            <translation>Kubisch</translation>
        </message>
        <message>
            <source>Cubic Spline</source>
            <translation>Kubischer Spline</translation>
        </message>
        <message>
            <source>Lanczos Windowed Sinc</source>
            <translation>Lanczos (Sinc mit Fensterfunktion)</translation>
        </message>
        <message>
            <source>Average</source>
            <translation>Mittelwert</translation>
        </message>
        <message>
            <source>Polynomial, 23 taps</source>
            <translation>Polynom, 23 Koeffizienten</translation>
        </message>
        <message>
            <source>Resampling algorithm</source>
            <translation>Abtastmethode</translation>
        </message>
        <message>
            <source>Band weights</source>
            <translation>Kanalgewichte</translation>
        </message>
        <message>
            <source>Coverage</source>
            <translation>Abdeckung</translation>
        </message>
        <message>
            <source>Output data type</source>
            <translation>Ausgabedatentyp</translation>
        </message>
        <message>
            <source>Output format</source>
            <translation>Ausgabeformat</translation>
        </message>
        <message>
            <source>Build overviews</source>
            <translation>Übersichten erzeugen</translation>
        </message>
        <message>
            <source>Seed of the model</source>
            <translation>Zufallsstartwert des Modells</translation>
        </message>
        <message>
            <source>Context of the model</source>
            <translation>Kontext des Modells</translation>
        </message>
        <message>
            <source>Go on with an interrupted run</source>
            <translation>Unterbrochenen Lauf fortsetzen</translation>
        </message>
        <message>
            <source>Additional creation options</source>
            <translation>Zusätzliche Erzeugungsoptionen</translation>
        </message>
        <message>
            <source>Pansharpened</source>
            <translation>Pangeschärftes Bild</translation>
        </message>
        <message>
            <source>Local shifts</source>
            <translation>Lokaler Versatz</translation>
        </message>
        <message>
            <source>Method used</source>
            <translation>Verwendete Methode</translation>
        </message>
        <message>
            <source>Model used</source>
            <translation>Verwendetes Modell</translation>
        </message>
        <message>
            <source>Shift in columns</source>
            <translation>Versatz in Spalten</translation>
        </message>
        <message>
            <source>Shift in rows</source>
            <translation>Versatz in Zeilen</translation>
        </message>
        <message>
            <source>Corrected in columns</source>
            <translation>Korrigiert in Spalten</translation>
        </message>
        <message>
            <source>Corrected in rows</source>
            <translation>Korrigiert in Zeilen</translation>
        </message>
        <message>
            <source>Share of valid pixels</source>
            <translation>Anteil gültiger Pixel</translation>
        </message>
        <message>
            <source>The note beside the result could not be written: {error}</source>
            <translation>Die Begleitdatei zum Ergebnis konnte nicht geschrieben werden: {error}</translation>
        </message>
        <message>
            <source>Brings a multispectral image to the pixel size of its panchromatic partner.</source>
            <translation>Bringt ein multispektrales Bild auf die Pixelgröße des zugehörigen panchromatischen Bilds.</translation>
        </message>
        <message>
            <source>The result has the colours of the one and the detail of the other, and the number type of the multispectral image. The images may differ in extent and coordinate system, and their pixel sizes need no whole ratio. Memory stays bounded however large they are. A file beside the result, ending in .ksdiff.json, keeps what was asked and what came of it.</source>
            <translation>Das Ergebnis hat die Farben des einen und die Details des anderen Bilds sowie den Datentyp des multispektralen. Ausdehnung und Koordinatenbezugssystem der Bilder dürfen sich unterscheiden, und das Verhältnis ihrer Pixelgrößen muss nicht ganzzahlig sein. Der Speicherbedarf bleibt begrenzt, wie groß sie auch sind. Eine Datei neben dem Ergebnis mit der Endung .ksdiff.json hält fest, was angefordert wurde und was dabei herauskam.</translation>
        </message>
        <message>
            <source>One image, or several where each band has a file of its own. Bands are counted on from file to file, in the order of the list.</source>
            <translation>Ein Bild oder, wenn jeder Kanal eine eigene Datei hat, mehrere. Die Kanäle werden von Datei zu Datei weitergezählt, in der Reihenfolge der Liste.</translation>
        </message>
        <message>
            <source>The image of one band and finer pixels. The result lies on its grid and in its coordinate system.</source>
            <translation>Das Bild mit nur einem Kanal und feineren Pixeln. Das Ergebnis liegt in dessen Pixelraster und Koordinatenbezugssystem.</translation>
        </message>
        <message>
            <source>How detail is brought in. KSDIFF takes a trained model: the one that is named, or else the one made for this sensor, or for any; where none can run, MTF-GLP-FS with a warning. It had the least error on all real scenes we measured, and takes several times as long as the others. Of these MTF-GLP-FS was best on average; GSA and BDSD-PC come next. BROVEY and SFIM keep the hue of every pixel. GIHS and GS are simple, and weak where bands lie outside what the panchromatic image sees. EXP adds no detail; it shows what enlarging alone would give.</source>
            <translation>Wie die Details eingebracht werden. KSDIFF nimmt ein trainiertes Modell: das angegebene, sonst das für diesen Sensor oder für beliebige Sensoren erstellte; wenn keines laufen kann, MTF-GLP-FS mit einer Warnung. Es hatte auf allen realen Szenen, die wir gemessen haben, den kleinsten Fehler und braucht ein Mehrfaches der Zeit der anderen. Unter diesen war MTF-GLP-FS im Mittel am besten; es folgen GSA und BDSD-PC. BROVEY und SFIM erhalten den Farbton jedes Pixels. GIHS und GS sind einfach, und schwach bei Kanälen außerhalb des Spektralbereichs des panchromatischen Bilds. EXP fügt keine Details hinzu; es zeigt, was die Vergrößerung allein ergäbe.</translation>
        </message>
        <message>
            <source>One of the models that are there: those that come with the plugin, your own in {folder}, and those of the folders in the options of the provider. It takes the place of the method. Empty: with the method KSDIFF the one made for this sensor is chosen among them.</source>
            <translation>Eines der vorhandenen Modelle: der mit der Erweiterung gelieferten, der eigenen in {folder} oder derer aus den Ordnern in den Optionen des Datenanbieters. Es tritt an die Stelle der Methode. Leer: Bei der Methode KSDIFF wird unter ihnen das für diesen Sensor erstellte gewählt.</translation>
        </message>
        <message>
            <source>Instead of a known model, the file of any, or a model's name. Models compute in another Python, so that nothing they do can harm QGIS: that of the provider's options, or the one that Set up environment made.</source>
            <translation>Statt eines bekannten Modells die Datei eines beliebigen oder der Name eines Modells. Modelle rechnen in einem anderen Python, sodass nichts, was sie tun, QGIS schaden kann: in dem aus den Optionen des Datenanbieters oder in dem, das „Umgebung einrichten“ erstellt hat.</translation>
        </message>
        <message>
            <source>For so many minutes a model for any sensor first learns from this very pair, made coarser so that the truth is known: 2 take a good part of what is left of the error. 0: not at all. To keep what it learns, use Adapt a model to a scene. A run that adapts cannot be gone on with.</source>
            <translation>So viele Minuten lernt ein Modell für beliebige Sensoren zuerst aus eben diesem Bildpaar, das dafür vergröbert wird, sodass die Referenz bekannt ist: 2 beseitigen einen guten Teil des verbleibenden Fehlers. 0: gar nicht. Um das Gelernte aufzubewahren, „Modell an eine Szene anpassen“ verwenden. Ein Lauf mit Anpassung kann nicht fortgesetzt werden.</translation>
        </message>
        <message>
            <source>Which instrument took the images: it tells how each band blurs, and which bands are red, green and blue. AUTO finds it from file names, metadata and band names, and says so in the log.</source>
            <translation>Welches Instrument die Bilder aufgenommen hat: Davon hängt ab, wie unscharf jeder Kanal ist und welche Kanäle rot, grün und blau sind. AUTO ermittelt es aus Dateinamen, Metadaten und Kanalnamen und nennt es im Protokoll.</translation>
        </message>
        <message>
            <source>Which multispectral bands to sharpen, counted from 1 over all files, in the order wanted in the result; such as 3 2 1. Methods that work with an intensity (BROVEY, GIHS, GS, GSA, BDSD-PC, BT-H) make it from the chosen bands, so another choice changes their pixels. Empty: all.</source>
            <translation>Welche multispektralen Kanäle geschärft werden, ab 1 über alle Dateien gezählt, in der für das Ergebnis gewünschten Reihenfolge, etwa 3 2 1. Methoden, die mit einer Intensität arbeiten (BROVEY, GIHS, GS, GSA, BDSD-PC, BT-H), bilden sie aus den gewählten Kanälen; eine andere Wahl ändert daher deren Pixelwerte. Leer: alle.</translation>
        </message>
        <message>
            <source>How the multispectral image is enlarged before detail is added. The polynomial with 23 taps keeps most; the others are those of GDAL.</source>
            <translation>Wie das multispektrale Bild vergrößert wird, bevor Details hinzukommen. Das Polynom mit 23 Koeffizienten erhält am meisten; die anderen sind die von GDAL.</translation>
        </message>
        <message>
            <source>What is done where the multispectral image lies off. REPORT: that is measured, and said where it is more than 0.3 panchromatic pixels; nothing is moved, unless a model is used, neither image names a coordinate system and it is 0.4 or more: then as with GLOBAL. GLOBAL: the image is moved back as a whole, which resamples nothing. LOCAL: it is also moved back from place to place, along a smooth field, where the images were not laid onto the same terrain, for example.</source>
            <translation>Was geschieht, wenn das multispektrale Bild versetzt liegt. REPORT: Der Versatz wird gemessen und gemeldet, wenn er mehr als 0,3 panchromatische Pixel beträgt; verschoben wird nichts, es sei denn, ein Modell wird verwendet, keines der beiden Bilder nennt ein Koordinatenbezugssystem und der Versatz beträgt 0,4 oder mehr: dann wie bei GLOBAL. GLOBAL: Das Bild wird als Ganzes zurückgeschoben; dabei wird nichts neu abgetastet. LOCAL: Es wird außerdem von Ort zu Ort zurückgeschoben, anhand eines glatten Verschiebungsfelds, etwa wenn die Bilder nicht mit demselben Geländemodell entzerrt wurden.</translation>
        </message>
        <message>
            <source>For BROVEY and GIHS: how much each chosen band takes part in the panchromatic image, such as 0.3 0.4 0.3. Empty: as known of the sensor, or estimated from the images.</source>
            <translation>Für BROVEY und GIHS: welchen Anteil jeder gewählte Kanal am panchromatischen Bild hat, etwa 0.3 0.4 0.3. Leer: wie vom Sensor bekannt oder aus den Bildern geschätzt.</translation>
        </message>
        <message>
            <source>INTERSECTION: the result covers what both images cover. UNION: it covers what either of them covers, with nodata where one is missing.</source>
            <translation>INTERSECTION: Das Ergebnis deckt ab, was beide Bilder abdecken. UNION: Es deckt ab, was mindestens eines der Bilder abdeckt, mit Leerwerten, wo das andere fehlt.</translation>
        </message>
        <message>
            <source>The number type of the result. SAME: that of the multispectral image.</source>
            <translation>Der Datentyp des Ergebnisses. SAME: der des multispektralen Bilds.</translation>
        </message>
        <message>
            <source>GTIFF: a tiled GeoTIFF. COG: a cloud-optimised GeoTIFF, with overviews.</source>
            <translation>GTIFF: ein gekacheltes GeoTIFF. COG: ein Cloud-optimiertes GeoTIFF mit Übersichten.</translation>
        </message>
        <message>
            <source>Add reduced copies, so that a large result is shown quickly.</source>
            <translation>Verkleinerte Kopien hinzufügen, damit ein großes Ergebnis schnell angezeigt wird.</translation>
        </message>
        <message>
            <source>Of the noise that a model begins with: the same seed gives the same result.</source>
            <translation>Für das Rauschen, mit dem ein Modell beginnt: Derselbe Startwert ergibt dasselbe Ergebnis.</translation>
        </message>
        <message>
            <source>What a model adapts itself to. SCENE: to the image as a whole. TILE: to each part of it, which takes a few times as long, and may suit images of very different parts better.</source>
            <translation>Worauf sich ein Modell einstellt. SCENE: auf das Bild als Ganzes. TILE: auf jeden seiner Teile, was ein Mehrfaches der Zeit braucht und bei Bildern mit sehr verschiedenen Teilen besser passen kann.</translation>
        </message>
        <message>
            <source>Where an earlier run with the same parameters was stopped or killed, go on with what it had done.</source>
            <translation>Wenn ein früherer Lauf mit denselben Parametern angehalten oder abgebrochen wurde, mit dem fortfahren, was er schon erledigt hatte.</translation>
        </message>
        <message>
            <source>GDAL creation options for the result, such as COMPRESS=ZSTD|BLOCKXSIZE=256; they win over our own.</source>
            <translation>GDAL-Erzeugungsoptionen für das Ergebnis, etwa COMPRESS=ZSTD|BLOCKXSIZE=256; sie haben Vorrang vor den voreingestellten.</translation>
        </message>
        <message>
            <source>A GeoTIFF; its name ends in .tif.</source>
            <translation>Ein GeoTIFF; sein Name endet auf .tif.</translation>
        </message>
        <message>
            <source>Points all over the images with the shift there: dx to the right, dy downwards, length, in panchromatic pixels, and the correlation it was found by. A GeoPackage or GeoJSON. Empty: none.</source>
            <translation>Über die Bilder verteilte Punkte mit dem dortigen Versatz: dx nach rechts, dy nach unten, Länge, in panchromatischen Pixeln, sowie die Korrelation, mit der er gefunden wurde. Ein GeoPackage oder GeoJSON. Leer: keine.</translation>
        </message>
        <message>
            <source>As METHOD takes it, for the next step of a model.</source>
            <translation>So, wie METHOD sie erwartet, für den nächsten Schritt eines Verarbeitungsmodells.</translation>
        </message>
        <message>
            <source>Its name and version; empty without one.</source>
            <translation>Name und Version des Modells; leer, wenn keines verwendet wurde.</translation>
        </message>
        <message>
            <source>What the model computed on; empty without one.</source>
            <translation>Worauf das Modell gerechnet hat; leer ohne Modell.</translation>
        </message>
        <message>
            <source>Of the model before it was adapted, on parts of the pair made coarser that it did not learn from, as a share of the error of MTF-GLP-FS; empty without adapting.</source>
            <translation>Fehler des Modells vor der Anpassung, auf Teilen des vergröberten Bildpaars, aus denen es nicht gelernt hat, als Anteil am Fehler von MTF-GLP-FS; leer ohne Anpassung.</translation>
        </message>
        <message>
            <source>The same after it was adapted; empty without adapting.</source>
            <translation>Dasselbe nach der Anpassung; leer ohne Anpassung.</translation>
        </message>
        <message>
            <source>Its part to the right; empty if not measurable.</source>
            <translation>Die Komponente nach rechts; leer, wenn nicht messbar.</translation>
        </message>
        <message>
            <source>Its part downwards; empty if not measurable.</source>
            <translation>Die Komponente nach unten; leer, wenn nicht messbar.</translation>
        </message>
        <message>
            <source>The part to the right of the shift that was taken away; 0 with REPORT.</source>
            <translation>Die Komponente des beseitigten Versatzes nach rechts; 0 bei REPORT.</translation>
        </message>
        <message>
            <source>Its part downwards.</source>
            <translation>Die Komponente nach unten.</translation>
        </message>
        <message>
            <source>From 0 to 1.</source>
            <translation>Von 0 bis 1.</translation>
        </message>
        <message>
            <source>Measure the shift of a pair</source>
            <translation>Versatz eines Bildpaars messen</translation>
        </message>
        <message>
            <source>registration,co-registration,coregistration,shift,offset,misregistration,pansharpening</source>
            <translation>Registrierung,Koregistrierung,Versatz,Verschiebung,Lageabweichung,registration,co-registration,coregistration,shift,offset,misregistration,pansharpening</translation>
        </message>
        <message>
            <source>Correlation</source>
            <translation>Korrelation</translation>
        </message>
        <message>
            <source>Places measured</source>
            <translation>Gemessene Stellen</translation>
        </message>
        <message>
            <source>Greatest local shift</source>
            <translation>Größter lokaler Versatz</translation>
        </message>
        <message>
            <source>Spread of the local shifts</source>
            <translation>Streuung des lokalen Versatzes</translation>
        </message>
        <message>
            <source>Measures how far a multispectral image lies off its panchromatic partner.</source>
            <translation>Misst, wie weit ein multispektrales Bild gegenüber dem zugehörigen panchromatischen Bild versetzt liegt.</translation>
        </message>
        <message>
            <source>The shift is measured for the scene as a whole and in windows all over it, to about a tenth of a panchromatic pixel, from the mix of bands that comes nearest to the panchromatic image. Nothing is changed: to take the shift away, choose GLOBAL or LOCAL for it in Pansharpen. More than 0.3 pixels blur and colour edges.</source>
            <translation>Der Versatz wird für die Szene als Ganzes und in Fenstern, die über sie verteilt sind, auf etwa ein Zehntel eines panchromatischen Pixels genau gemessen, anhand der Mischung von Kanälen, die dem panchromatischen Bild am nächsten kommt. Nichts wird verändert: Um den Versatz zu beseitigen, dafür in „Pansharpening“ GLOBAL oder LOCAL wählen. Mehr als 0,3 Pixel machen Kanten unscharf und verursachen Farbsäume.</translation>
        </message>
        <message>
            <source>One image, or several where each band has a file of its own.</source>
            <translation>Ein Bild oder, wenn jeder Kanal eine eigene Datei hat, mehrere.</translation>
        </message>
        <message>
            <source>Which instrument took the images: it tells how much each band blurs. AUTO finds it from file names, metadata and band names.</source>
            <translation>Welches Instrument die Bilder aufgenommen hat: Davon hängt ab, wie unscharf jeder Kanal ist. AUTO ermittelt es aus Dateinamen, Metadaten und Kanalnamen.</translation>
        </message>
        <message>
            <source>An extent that both images share a part of; shifts are measured all over what both images show.</source>
            <translation>Eine Ausdehnung, die sich mit beiden Bildern überschneidet; gemessen wird überall, wo beide Bilder etwas zeigen.</translation>
        </message>
        <message>
            <source>Which multispectral bands to compare with the panchromatic image, counted from 1 over all files. Empty: all; those that do not resemble it count little.</source>
            <translation>Welche multispektralen Kanäle mit dem panchromatischen Bild verglichen werden, ab 1 über alle Dateien gezählt. Leer: alle; solche, die ihm nicht ähneln, zählen wenig.</translation>
        </message>
        <message>
            <source>How far the multispectral image lies to the right, in panchromatic pixels; empty if not measurable.</source>
            <translation>Wie weit das multispektrale Bild nach rechts versetzt liegt, in panchromatischen Pixeln; leer, wenn nicht messbar.</translation>
        </message>
        <message>
            <source>How far it lies down; empty if not measurable.</source>
            <translation>Wie weit es nach unten versetzt liegt; leer, wenn nicht messbar.</translation>
        </message>
        <message>
            <source>How far it lies off in all; empty if not measurable.</source>
            <translation>Wie weit es insgesamt versetzt liegt; leer, wenn nicht messbar.</translation>
        </message>
        <message>
            <source>Of the images once the shift is taken away, 0 to 1; empty if not measurable.</source>
            <translation>Korrelation der Bilder nach Beseitigung des Versatzes, 0 bis 1; leer, wenn nicht messbar.</translation>
        </message>
        <message>
            <source>In how many windows a shift could be measured.</source>
            <translation>In wie vielen Fenstern ein Versatz gemessen werden konnte.</translation>
        </message>
        <message>
            <source>The longest shift of a window, in panchromatic pixels; empty if there is none.</source>
            <translation>Der größte Versatz eines Fensters, in panchromatischen Pixeln; leer, wenn es keinen gibt.</translation>
        </message>
        <message>
            <source>How far half of the windows at least lie from their middle, in panchromatic pixels; empty if there are fewer than four.</source>
            <translation>Wie weit der Versatz in mindestens der Hälfte der Fenster höchstens vom mittleren abweicht, in panchromatischen Pixeln; leer bei weniger als vier Fenstern.</translation>
        </message>
        <message>
            <source>What was found, in words, with the warnings.</source>
            <translation>Was gefunden wurde, in Worten, mit den Warnungen.</translation>
        </message>
        <message>
            <source>Set up environment</source>
            <translation>Umgebung einrichten</translation>
        </message>
        <message>
            <source>environment,install,python,pytorch,torch,cuda,gpu,pip,venv,dependencies,deep learning</source>
            <translation>Umgebung,installieren,einrichten,Grafikkarte,Abhängigkeiten,environment,install,python,pytorch,torch,cuda,gpu,pip,venv,dependencies,deep learning</translation>
        </message>
        <message>
            <source>Build of PyTorch</source>
            <translation>Variante von PyTorch</translation>
        </message>
        <message>
            <source>Only say what would be done</source>
            <translation>Nur anzeigen, was getan würde</translation>
        </message>
        <message>
            <source>Make it again, even if it works</source>
            <translation>Umgebung neu erstellen, auch wenn sie funktioniert</translation>
        </message>
        <message>
            <source>Folder of wheels</source>
            <translation>Ordner mit Wheels</translation>
        </message>
        <message>
            <source>Index of packages</source>
            <translation>Paketindex</translation>
        </message>
        <message>
            <source>Python to make it from</source>
            <translation>Python als Grundlage der Umgebung</translation>
        </message>
        <message>
            <source>Python of the environment</source>
            <translation>Python der Umgebung</translation>
        </message>
        <message>
            <source>Build that was chosen</source>
            <translation>Gewählte Variante</translation>
        </message>
        <message>
            <source>Whether it was made just now</source>
            <translation>Ob die Umgebung gerade erstellt wurde</translation>
        </message>
        <message>
            <source>Folder of the environment</source>
            <translation>Ordner der Umgebung</translation>
        </message>
        <message>
            <source>Megabytes to fetch</source>
            <translation>Herunterzuladende Megabyte</translation>
        </message>
        <message>
            <source>Megabytes on disk</source>
            <translation>Megabyte auf dem Datenträger</translation>
        </message>
        <message>
            <source>Commands</source>
            <translation>Befehle</translation>
        </message>
        <message>
            <source>Makes an environment with PyTorch, numpy and safetensors, in which models run.</source>
            <translation>Erstellt eine Umgebung mit PyTorch, numpy und safetensors, in der Modelle laufen.</translation>
        </message>
        <message>
            <source>It lies in a folder of your own, beside QGIS, and touches neither QGIS's Python nor any other. The log says first what is fetched, from where, how much, and into which folder: about 250 MB to fetch and 1 GB on disk for the processor, 4 and 8 GB for a graphics card of NVIDIA's. Stopping removes what was begun. An environment that works is left alone. The proxy is that of QGIS's network options. Where a Python with PyTorch is there already, name it in the options of the provider instead; nothing is needed then.</source>
            <translation>Sie liegt in einem eigenen Ordner neben QGIS und rührt weder das Python von QGIS noch ein anderes an. Das Protokoll nennt zuerst, was heruntergeladen wird, woher, wie viel und in welchen Ordner: für den Prozessor etwa 250 MB zum Herunterladen und 1 GB auf dem Datenträger, für eine Grafikkarte von NVIDIA 4 und 8 GB. Beim Abbrechen wird entfernt, was begonnen wurde. Eine funktionierende Umgebung bleibt unangetastet. Als Proxy dient der aus den Netzwerkoptionen von QGIS. Gibt es schon ein Python mit PyTorch, stattdessen dieses in den Optionen des Datenanbieters angeben; mehr ist dann nicht nötig.</translation>
        </message>
        <message>
            <source>AUTO takes the build for CUDA where the driver of an NVIDIA card is new enough, else that for the processor; on macOS that uses Apple's GPU too. CPU and CUDA insist.</source>
            <translation>AUTO nimmt die Variante für CUDA, wenn der Treiber einer NVIDIA-Karte neu genug ist, sonst die für den Prozessor; unter macOS nutzt diese auch die GPU von Apple. CPU und CUDA erzwingen ihre Variante.</translation>
        </message>
        <message>
            <source>Say what would be fetched and run, with commands to copy, and do nothing.</source>
            <translation>Anzeigen, was heruntergeladen und ausgeführt würde, mit Befehlen zum Kopieren, und nichts tun.</translation>
        </message>
        <message>
            <source>Make the environment again; where that fails, the old one comes back.</source>
            <translation>Die Umgebung neu erstellen; misslingt das, wird die alte wiederhergestellt.</translation>
        </message>
        <message>
            <source>Take all packages from this folder of *.whl files, without any network.</source>
            <translation>Alle Pakete aus diesem Ordner mit *.whl-Dateien nehmen, ganz ohne Netzwerk.</translation>
        </message>
        <message>
            <source>Take all packages from this index, such as that of a company; it begins with https://.</source>
            <translation>Alle Pakete aus diesem Index nehmen, etwa dem einer Firma; er beginnt mit https://.</translation>
        </message>
        <message>
            <source>The program of the Python to make the environment from, 3.9 to 3.14. Empty: that of QGIS, or one that is installed.</source>
            <translation>Das Programm des Python, aus dem die Umgebung erstellt wird, 3.9 bis 3.14. Leer: das von QGIS oder ein installiertes.</translation>
        </message>
        <message>
            <source>The program; it is found by itself from now on.</source>
            <translation>Das Programm; es wird von nun an von selbst gefunden.</translation>
        </message>
        <message>
            <source>CPU, CU126, CU128, or OWN where wheels or an index were given.</source>
            <translation>CPU, CU126, CU128 oder, wenn Wheels oder ein Index angegeben wurden, OWN.</translation>
        </message>
        <message>
            <source>1 where it was made, 0 where it was there already or with DRY_RUN.</source>
            <translation>1, wenn sie erstellt wurde; 0, wenn sie schon vorhanden war oder bei DRY_RUN.</translation>
        </message>
        <message>
            <source>Such as 2.13.0+cpu; empty with DRY_RUN.</source>
            <translation>Zum Beispiel 2.13.0+cpu; leer bei DRY_RUN.</translation>
        </message>
        <message>
            <source>Such as 2.4.6; empty with DRY_RUN.</source>
            <translation>Zum Beispiel 2.4.6; leer bei DRY_RUN.</translation>
        </message>
        <message>
            <source>Such as 0.8.0; empty with DRY_RUN.</source>
            <translation>Zum Beispiel 0.8.0; leer bei DRY_RUN.</translation>
        </message>
        <message>
            <source>Remove it to get rid of the environment.</source>
            <translation>Diesen Ordner löschen, um die Umgebung zu entfernen.</translation>
        </message>
        <message>
            <source>An estimate; empty where nobody can tell.</source>
            <translation>Eine Schätzung; leer, wenn keine möglich ist.</translation>
        </message>
        <message>
            <source>What is run, one command a line.</source>
            <translation>Was ausgeführt wird, ein Befehl pro Zeile.</translation>
        </message>
        <message>
            <source>Simulate a pair with known truth</source>
            <translation>Bildpaar mit bekannter Referenz simulieren</translation>
        </message>
        <message>
            <source>wald,protocol,simulation,degrade,reference,truth,quality,mtf,reduced resolution,pansharpening</source>
            <translation>Wald-Protokoll,Simulation,vergröbern,Referenz,Qualität,reduzierte Auflösung,wald,protocol,degrade,reference,truth,quality,mtf,reduced resolution,pansharpening</translation>
        </message>
        <message>
            <source>Convention</source>
            <translation>Konvention</translation>
        </message>
        <message>
            <source>Coarser panchromatic image</source>
            <translation>Vergröbertes panchromatisches Bild</translation>
        </message>
        <message>
            <source>Coarser multispectral image</source>
            <translation>Vergröbertes multispektrales Bild</translation>
        </message>
        <message>
            <source>Share of valid pixels, panchromatic</source>
            <translation>Anteil gültiger Pixel, panchromatisch</translation>
        </message>
        <message>
            <source>Share of valid pixels, multispectral</source>
            <translation>Anteil gültiger Pixel, multispektral</translation>
        </message>
        <message>
            <source>Makes a pair coarser by its own ratio, so that the original multispectral image is the truth.</source>
            <translation>Vergröbert ein Bildpaar um sein eigenes Auflösungsverhältnis, sodass das multispektrale Originalbild als Referenz dient.</translation>
        </message>
        <message>
            <source>This is Wald's protocol: each band is blurred as its sensor would have seen it with larger pixels. Sharpen the coarser pair and compare the result with the reference, which lies on the same grid, pixel by pixel. What does not fill a coarser pixel at the right and lower edge is left out of all three images. Missing pixels take no part, and memory stays bounded however large the images are.</source>
            <translation>Dies ist das Wald-Protokoll: Jeder Kanal wird so unscharf gemacht, wie sein Sensor ihn mit größeren Pixeln gesehen hätte. Das vergröberte Bildpaar schärfen und das Ergebnis Pixel für Pixel mit der Referenz vergleichen, die im selben Pixelraster liegt. Was am rechten und unteren Rand kein gröberes Pixel füllt, fehlt in allen drei Bildern. Fehlende Pixel bleiben unberücksichtigt, und der Speicherbedarf bleibt begrenzt, wie groß die Bilder auch sind.</translation>
        </message>
        <message>
            <source>GEOMETRIC keeps everything where the georeferencing puts it, with any ratio and offset. TOOLBOX filters and thins out as the reference toolbox of the field does, for numbers that compare with papers: ratios 2, 4, 8 and 16, aligned pixels without gaps, images that fit into memory.</source>
            <translation>GEOMETRIC belässt alles dort, wo die Georeferenzierung es verortet, bei jedem Verhältnis und Versatz. TOOLBOX filtert und dünnt aus wie die Referenz-Toolbox des Fachgebiets, für Zahlen, die mit denen aus Veröffentlichungen vergleichbar sind: Verhältnisse 2, 4, 8 und 16, aufeinander ausgerichtete Pixel ohne Lücken, Bilder, die in den Arbeitsspeicher passen.</translation>
        </message>
        <message>
            <source>Which multispectral bands to take, counted from 1 over all files, in the order wanted in the result; such as 3 2 1. Empty: all.</source>
            <translation>Welche multispektralen Kanäle verwendet werden, ab 1 über alle Dateien gezählt, in der für das Ergebnis gewünschten Reihenfolge, etwa 3 2 1. Leer: alle.</translation>
        </message>
        <message>
            <source>A GeoTIFF on the grid of the reference; its name ends in .tif.</source>
            <translation>Ein GeoTIFF im Pixelraster der Referenz; sein Name endet auf .tif.</translation>
        </message>
        <message>
            <source>A GeoTIFF with pixels larger than those of the reference by the ratio.</source>
            <translation>Ein GeoTIFF, dessen Pixel um das Auflösungsverhältnis größer sind als die der Referenz.</translation>
        </message>
        <message>
            <source>A GeoTIFF that holds the original multispectral image, unchanged but cut.</source>
            <translation>Ein GeoTIFF mit dem multispektralen Originalbild, bis auf den Zuschnitt unverändert.</translation>
        </message>
        <message>
            <source>Train a model</source>
            <translation>Modell trainieren</translation>
        </message>
        <message>
            <source>pansharpening,model,train,training,learning,deep learning,diffusion,network,neural</source>
            <translation>Pansharpening,Modell,trainieren,lernen,Diffusion,Netz,neuronal,model,train,training,learning,deep learning,network,neural</translation>
        </message>
        <message>
            <source>Model file, where it is not to lie in the folder of models</source>
            <translation>Modelldatei, falls nicht im Ordner der Modelle</translation>
        </message>
        <message>
            <source>{score} without it</source>
            <translation>{score} ohne Modell</translation>
        </message>
        <message>
            <source>Best classical method</source>
            <translation>Beste klassische Methode</translation>
        </message>
        <message>
            <source>Its ERGAS</source>
            <translation>ERGAS dieser Methode</translation>
        </message>
        <message>
            <source>Epochs</source>
            <translation>Epochen</translation>
        </message>
        <message>
            <source>Training set</source>
            <translation>Trainingsdatensatz</translation>
        </message>
        <message>
            <source>Multispectral image, where there is no training set</source>
            <translation>Multispektrales Bild, falls kein Trainingsdatensatz</translation>
        </message>
        <message>
            <source>Go on where an earlier run ended</source>
            <translation>Früheren Lauf fortsetzen</translation>
        </message>
        <message>
            <source>Model to begin with</source>
            <translation>Ausgangsmodell</translation>
        </message>
        <message>
            <source>Backbone</source>
            <translation>Fusionsnetz (Backbone)</translation>
        </message>
        <message>
            <source>Steps in place of minutes</source>
            <translation>Schritte statt Minuten</translation>
        </message>
        <message>
            <source>Stopped on request. What was learnt up to the last checkpoint is kept: run it again with RESUME to go on.</source>
            <translation>Auf Wunsch abgebrochen. Was bis zum letzten Zwischenstand gelernt wurde, bleibt erhalten: Zum Fortsetzen mit RESUME erneut ausführen.</translation>
        </message>
        <message>
            <source>What to learn from is not clear. Give TRAININGSET alone, or SPECTRAL and PANCHROMATIC.</source>
            <translation>Es ist nicht klar, woraus gelernt werden soll. Geben Sie entweder nur TRAININGSET an oder SPECTRAL und PANCHROMATIC.</translation>
        </message>
        <message>
            <source>Trains a model that sharpens images like those it learns from.</source>
            <translation>Trainiert ein Modell, das Bilder wie die schärft, aus denen es lernt.</translation>
        </message>
        <message>
            <source>Give a training set, as Make a training set writes it, or the two images of a scene, and a name. How large the network is follows from the number of samples and the time. It learns in another Python, so that nothing it does can harm QGIS, in two stages: first with kernels that are made from the truth, then with those that the diffusion finds. A report shows how it learns, beside doing nothing and beside classical methods; its path is in the log, and a browser that shows it renews it by itself. Cancel as you like: what was learnt up to the last checkpoint is kept. The images stay on this computer.</source>
            <translation>Anzugeben sind ein Trainingsdatensatz, wie ihn „Trainingsdatensatz erstellen“ schreibt, oder die beiden Bilder einer Szene, sowie ein Name. Wie groß das Netz wird, ergibt sich aus der Zahl der Ausschnitte und der Zeit. Es lernt in einem anderen Python, sodass nichts, was es tut, QGIS schaden kann, und zwar in zwei Stufen: zuerst mit Kernen, die aus der Referenz gewonnen werden, dann mit denen, die die Diffusion findet. Ein Bericht zeigt, wie es lernt, neben dem nur vergrößerten Bild und klassischen Methoden; sein Pfad steht im Protokoll, und ein Browser, der ihn anzeigt, aktualisiert ihn von selbst. Abbrechen ist jederzeit möglich: Was bis zum letzten Zwischenstand gelernt wurde, bleibt erhalten. Die Bilder bleiben auf diesem Rechner.</translation>
        </message>
        <message>
            <source>The folder that Make a training set has written. Empty: the two images below.</source>
            <translation>Der Ordner, den „Trainingsdatensatz erstellen“ geschrieben hat. Leer: die beiden Bilder unten.</translation>
        </message>
        <message>
            <source>Where there is no training set: the image to learn from, or several where each band has a file of its own. A training set is made of it first, with default settings, and kept beside the model.</source>
            <translation>Ohne Trainingsdatensatz: das Bild, aus dem gelernt wird, oder, wenn jeder Kanal eine eigene Datei hat, mehrere. Daraus wird zuerst mit Standardeinstellungen ein Trainingsdatensatz erstellt und neben dem Modell aufbewahrt.</translation>
        </message>
        <message>
            <source>The image of one band and finer pixels that belongs to it.</source>
            <translation>Das zugehörige Bild mit nur einem Kanal und feineren Pixeln.</translation>
        </message>
        <message>
            <source>What the model is called, such as the sensor and the place; no other may be called so.</source>
            <translation>Wie das Modell heißt, etwa nach Sensor und Ort; kein anderes darf so heißen.</translation>
        </message>
        <message>
            <source>How long the network learns. Ten minutes show whether it will come to something, hours are normal.</source>
            <translation>Wie lange das Netz lernt. Zehn Minuten zeigen, ob etwas daraus wird, Stunden sind üblich.</translation>
        </message>
        <message>
            <source>Go on with the training of this name that was stopped or ended otherwise, up to MINUTES in all. Where there is none, one is begun.</source>
            <translation>Das angehaltene oder anderweitig beendete Training dieses Namens fortsetzen, bis insgesamt MINUTES erreicht sind. Gibt es keines, wird eines begonnen.</translation>
        </message>
        <message>
            <source>A model, as a file or by its name, whose fusion network learns on. It must take such samples. Empty: begin with a new network.</source>
            <translation>Ein Modell, als Datei oder mit Namen, dessen Fusionsnetz weiterlernt. Es muss solche Ausschnitte verarbeiten können. Leer: mit einem neuen Netz beginnen.</translation>
        </message>
        <message>
            <source>What the network computes on. AUTO takes a graphics card where PyTorch can use one.</source>
            <translation>Worauf das Netz rechnet. AUTO nimmt eine Grafikkarte, wenn PyTorch eine nutzen kann.</translation>
        </message>
        <message>
            <source>The fusion network. AUTO takes SWIFT, the fastest; PANNEXT is the one of the paper.</source>
            <translation>Das Fusionsnetz. AUTO nimmt SWIFT, das schnellste; PANNEXT ist das aus der Veröffentlichung.</translation>
        </message>
        <message>
            <source>How many steps both stages take together, in place of MINUTES; so a run can be repeated.</source>
            <translation>Wie viele Schritte beide Stufen zusammen machen, anstelle von MINUTES; so lässt sich ein Lauf wiederholen.</translation>
        </message>
        <message>
            <source>Of the first weights and of the order in which the network sees the samples.</source>
            <translation>Für die Anfangsgewichte und die Reihenfolge, in der das Netz die Ausschnitte sieht.</translation>
        </message>
        <message>
            <source>A model file; its name ends in .safetensors. The run with its checkpoints lies beside it. Empty: a file in {folder}, where Pansharpen finds it.</source>
            <translation>Eine Modelldatei; ihr Name endet auf .safetensors. Der Lauf mit seinen Zwischenständen liegt daneben. Leer: eine Datei in {folder}, wo „Pansharpening“ sie findet.</translation>
        </message>
        <message>
            <source>The page that shows how the network learned, and what it came to.</source>
            <translation>Die Seite, die zeigt, wie das Netz gelernt hat und was dabei herauskam.</translation>
        </message>
        <message>
            <source>Name and version of the model, as KNOWN_MODEL of Pansharpen takes the name.</source>
            <translation>Name und Version des Modells; der Name ist der, den KNOWN_MODEL in „Pansharpening“ erwartet.</translation>
        </message>
        <message>
            <source>What the network computed on.</source>
            <translation>Worauf das Netz gerechnet hat.</translation>
        </message>
        <message>
            <source>The error of the model on samples that it did not learn from; less is better.</source>
            <translation>Der Fehler des Modells auf Ausschnitten, aus denen es nicht gelernt hat; kleiner ist besser.</translation>
        </message>
        <message>
            <source>The angle between its colours and the true ones, in degrees; less is better.</source>
            <translation>Der Winkel zwischen seinen Farben und den wahren, in Grad; kleiner ist besser.</translation>
        </message>
        <message>
            <source>How like the truth its images are, at most 1; more is better.</source>
            <translation>Wie ähnlich seine Bilder der Referenz sind, höchstens 1; größer ist besser.</translation>
        </message>
        <message>
            <source>The same of the image that it is given, which is only enlarged.</source>
            <translation>Dasselbe für das Eingangsbild, das nur vergrößert ist.</translation>
        </message>
        <message>
            <source>The same of the image that it is given.</source>
            <translation>Dasselbe für das Eingangsbild.</translation>
        </message>
        <message>
            <source>The classical method that comes nearest to the truth on these samples.</source>
            <translation>Die klassische Methode, die der Referenz auf diesen Ausschnitten am nächsten kommt.</translation>
        </message>
        <message>
            <source>Its error there.</source>
            <translation>Ihr Fehler auf diesen Ausschnitten.</translation>
        </message>
        <message>
            <source>How many steps were made, in all stages.</source>
            <translation>Wie viele Schritte gemacht wurden, in allen Stufen.</translation>
        </message>
        <message>
            <source>How often all samples were seen, on average.</source>
            <translation>Wie oft alle Ausschnitte im Mittel gesehen wurden.</translation>
        </message>
        <message>
            <source>How long this run took.</source>
            <translation>Wie lange dieser Lauf gedauert hat.</translation>
        </message>
        <message>
            <source>Make a training set</source>
            <translation>Trainingsdatensatz erstellen</translation>
        </message>
        <message>
            <source>pansharpening,train,training,learning,samples,patches,dataset,pancollection,h5,wald,validation</source>
            <translation>Pansharpening,trainieren,lernen,Ausschnitte,Trainingsdaten,Datensatz,Validierung,train,training,learning,samples,patches,dataset,pancollection,h5,wald,validation</translation>
        </message>
        <message>
            <source>Panchromatic images</source>
            <translation>Panchromatische Bilder</translation>
        </message>
        <message>
            <source>Multispectral images, in the same order</source>
            <translation>Multispektrale Bilder, in derselben Reihenfolge</translation>
        </message>
        <message>
            <source>Folder with pairs</source>
            <translation>Ordner mit Bildpaaren</translation>
        </message>
        <message>
            <source>File of patches</source>
            <translation>Datei mit Patches</translation>
        </message>
        <message>
            <source>PanCollection files (*.h5 *.hdf5)</source>
            <translation>PanCollection-Dateien (*.h5 *.hdf5)</translation>
        </message>
        <message>
            <source>Most samples</source>
            <translation>Höchstzahl der Ausschnitte</translation>
        </message>
        <message>
            <source>Held out, in per cent</source>
            <translation>Zurückgehalten, in Prozent</translation>
        </message>
        <message>
            <source>Clouds</source>
            <translation>Wolken</translation>
        </message>
        <message>
            <source>Limit of the shift</source>
            <translation>Höchster zulässiger Versatz</translation>
        </message>
        <message>
            <source>Size of a sample</source>
            <translation>Größe eines Ausschnitts</translation>
        </message>
        <message>
            <source>Least texture</source>
            <translation>Mindesttextur</translation>
        </message>
        <message>
            <source>Samples</source>
            <translation>Ausschnitte</translation>
        </message>
        <message>
            <source>Samples to learn from</source>
            <translation>Ausschnitte zum Lernen</translation>
        </message>
        <message>
            <source>Samples to measure on</source>
            <translation>Ausschnitte zum Bewerten</translation>
        </message>
        <message>
            <source>Places left out</source>
            <translation>Ausgelassene Stellen</translation>
        </message>
        <message>
            <source>Number of bands</source>
            <translation>Anzahl der Kanäle</translation>
        </message>
        <message>
            <source>Manifest</source>
            <translation>Manifest</translation>
        </message>
        <message>
            <source>Cuts samples out of images, for a model to learn from and to be measured on.</source>
            <translation>Schneidet aus Bildern Ausschnitte, aus denen ein Modell lernt und an denen es bewertet wird.</translation>
        </message>
        <message>
            <source>Each pair is made coarser by its own ratio, so that its original multispectral image is the truth. Places with clouds, missing or saturated pixels or too little texture are left out, and so are pairs whose images do not lie on each other; the log and the report say what was left out and why. A part of the ground is held out to measure on: whole images where there are enough, else a strip at one end, with ground between that is not used. A panchromatic image, a multispectral one and a folder for the result are enough. The result is a folder for Train; it is made whole, or not at all. The images stay on this computer.</source>
            <translation>Jedes Bildpaar wird um sein eigenes Auflösungsverhältnis vergröbert, sodass sein multispektrales Originalbild als Referenz dient. Stellen mit Wolken, fehlenden oder gesättigten Pixeln oder zu wenig Textur werden ausgelassen, ebenso Bildpaare, deren Bilder nicht aufeinanderliegen; Protokoll und Bericht nennen, was ausgelassen wurde und warum. Ein Teil der Fläche wird zum Bewerten zurückgehalten: ganze Bilder, wenn es genug davon gibt, sonst ein Streifen an einem Ende, mit einer ungenutzten Fläche dazwischen. Ein panchromatisches Bild, ein multispektrales und ein Ordner für das Ergebnis genügen. Das Ergebnis ist ein Ordner für „Modell trainieren“; er entsteht vollständig oder gar nicht. Die Bilder bleiben auf diesem Rechner.</translation>
        </message>
        <message>
            <source>One image of one band and finer pixels for each scene.</source>
            <translation>Für jede Szene ein Bild mit nur einem Kanal und feineren Pixeln.</translation>
        </message>
        <message>
            <source>The image that belongs to each panchromatic one, in the same order. With a single panchromatic image, several files that hold a band each are taken for one scene. All scenes need the same bands.</source>
            <translation>Zu jedem panchromatischen das zugehörige Bild, in derselben Reihenfolge. Bei nur einem panchromatischen Bild gelten mehrere Dateien mit je einem Kanal als eine Szene. Alle Szenen brauchen dieselben Kanäle.</translation>
        </message>
        <message>
            <source>A folder that is searched, with those below it, for pan.tif beside ms.tif (and clouds.tif), a_pan.tif beside a_ms.tif, and .h5 files; besides the images above, or in place of them.</source>
            <translation>Ein Ordner, der samt seinen Unterordnern nach pan.tif neben ms.tif (und clouds.tif), a_pan.tif neben a_ms.tif und .h5-Dateien durchsucht wird; zusätzlich zu den Bildern oben oder an ihrer Stelle.</translation>
        </message>
        <message>
            <source>A file of patches as PanCollection has them, with gt, ms and pan; besides all others.</source>
            <translation>Eine Datei mit Patches, wie PanCollection sie hat, mit gt, ms und pan; zusätzlich zu allem anderen.</translation>
        </message>
        <message>
            <source>How many samples there are at most, to learn from and to measure on together. Where there are fewer places, each is drawn up to eight times, with another blur and another shift.</source>
            <translation>Wie viele Ausschnitte es höchstens gibt, zum Lernen und zum Bewerten zusammen. Gibt es weniger Stellen, wird jede bis zu achtmal gezogen, jeweils mit anderer Unschärfe und anderem Versatz.</translation>
        </message>
        <message>
            <source>Which part of the ground is kept to measure on. With 0 there are samples to learn from only.</source>
            <translation>Welcher Anteil der Fläche zum Bewerten zurückgehalten wird. Bei 0 gibt es nur Ausschnitte zum Lernen.</translation>
        </message>
        <message>
            <source>A raster, or one for each pair, that is not 0 where clouds and their shadows are, in the coordinate system of the images and of any pixel size. Where it ends, the sky is taken to be clear.</source>
            <translation>Ein Raster oder eines je Bildpaar, das überall dort nicht 0 ist, wo Wolken und ihre Schatten liegen, im Koordinatenbezugssystem der Bilder und mit beliebiger Pixelgröße. Wo es endet, gilt der Himmel als wolkenlos.</translation>
        </message>
        <message>
            <source>In panchromatic pixels: a pair whose images lie farther off each other, as measured, is left out.</source>
            <translation>In panchromatischen Pixeln: Ein Bildpaar, dessen Bilder laut Messung weiter gegeneinander versetzt sind, wird ausgelassen.</translation>
        </message>
        <message>
            <source>Which multispectral bands to take, counted from 1 over all files; such as 3 2 1. Empty: all.</source>
            <translation>Welche multispektralen Kanäle verwendet werden, ab 1 über alle Dateien gezählt, etwa 3 2 1. Leer: alle.</translation>
        </message>
        <message>
            <source>In pixels of the multispectral image. A training cannot look at larger parts than this.</source>
            <translation>In Pixeln des multispektralen Bilds. Größere Teile als diese kann ein Training nicht betrachten.</translation>
        </message>
        <message>
            <source>How much the liveliest band of a sample has to vary (its standard deviation), as a share of what is bright in the scene. 0 leaves nothing out.</source>
            <translation>Wie stark der kontrastreichste Kanal eines Ausschnitts mindestens schwanken muss (seine Standardabweichung), als Anteil dessen, was in der Szene hell ist. 0 lässt nichts aus.</translation>
        </message>
        <message>
            <source>Of the choice of samples and of their blur and shift; the same seed makes the same set.</source>
            <translation>Für die Auswahl der Ausschnitte sowie deren Unschärfe und Versatz; derselbe Startwert ergibt denselben Datensatz.</translation>
        </message>
        <message>
            <source>A folder that does not exist yet, or is empty.</source>
            <translation>Ein Ordner, den es noch nicht gibt oder der leer ist.</translation>
        </message>
        <message>
            <source>All of them.</source>
            <translation>Alle zusammen.</translation>
        </message>
        <message>
            <source>Each with a blur and a shift of its own.</source>
            <translation>Jeder mit eigener Unschärfe und eigenem Versatz.</translation>
        </message>
        <message>
            <source>From ground that nothing is learnt from.</source>
            <translation>Aus Flächen, aus denen nichts gelernt wird.</translation>
        </message>
        <message>
            <source>How many of the places that were looked at are not in the set; the report says why.</source>
            <translation>Wie viele der betrachteten Stellen nicht im Datensatz sind; der Bericht nennt die Gründe.</translation>
        </message>
        <message>
            <source>Of the multispectral images.</source>
            <translation>Wie viele Kanäle die multispektralen Bilder haben.</translation>
        </message>
        <message>
            <source>Multispectral pixel size over panchromatic pixel size; the greatest where several differ.</source>
            <translation>Pixelgröße des multispektralen Bilds geteilt durch die des panchromatischen; bei mehreren Verhältnissen das größte.</translation>
        </message>
        <message>
            <source>The sensor chosen or recognised, GENERIC where there are several.</source>
            <translation>Der gewählte oder erkannte Sensor, GENERIC bei mehreren.</translation>
        </message>
        <message>
            <source>A page with numbers and some of the samples, inside the folder.</source>
            <translation>Eine Seite mit Kennzahlen und einigen der Ausschnitte, innerhalb des Ordners.</translation>
        </message>
        <message>
            <source>The same in numbers, as JSON, inside the folder.</source>
            <translation>Dasselbe in Zahlen, als JSON, innerhalb des Ordners.</translation>
        </message>
        <message>
            <source>Stopped on request; nothing was left behind.</source>
            <translation>Auf Wunsch abgebrochen; es blieb nichts zurück.</translation>
        </message>
        <message>
            <source>The engine ended without a result; please report this with the log above.</source>
            <translation>Der Rechenkern endete ohne Ergebnis; bitte melden Sie das zusammen mit dem Protokoll oben.</translation>
        </message>
        <message>
            <source>{percent} % after {elapsed}</source>
            <translation>{percent} % nach {elapsed}</translation>
        </message>
        <message>
            <source>{percent} % after {elapsed}, {rate:.1f} % per second, about {left} left</source>
            <translation>{percent} % nach {elapsed}, {rate:.1f} % pro Sekunde, noch etwa {left}</translation>
        </message>
        <message>
            <source>{hours} h {minutes} min</source>
            <translation>{hours} h {minutes} min</translation>
        </message>
        <message>
            <source>{minutes} min {seconds} s</source>
            <translation>{minutes} min {seconds} s</translation>
        </message>
        <message>
            <source>{seconds} s</source>
            <translation>{seconds} s</translation>
        </message>
        <message>
            <source>KSDiff pansharpening</source>
            <translation>KSDiff-Pansharpening</translation>
        </message>
        <message>
            <source>Threads (0: all cores)</source>
            <translation>Threads (0: alle Kerne)</translation>
        </message>
        <message>
            <source>Python with PyTorch (empty: one is looked for)</source>
            <translation>Python mit PyTorch (leer: wird gesucht)</translation>
        </message>
        <message>
            <source>Further folders of models</source>
            <translation>Weitere Ordner mit Modellen</translation>
        </message>
        <message>
            <source>{name} is '{value}'; give a whole number from 0 (all cores) to {most}.</source>
            <translation>{name} ist „{value}“; geben Sie eine ganze Zahl von 0 (alle Kerne) bis {most} an.</translation>
        </message>
    </context>
</TS>
