<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" sourcelanguage="en" language="de">
    <context>
        <name>ksdiff</name>
        <message>
            <source>Adapt a model to a scene</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>pansharpening,model,adapt,adaptation,fine-tune,fine-tuning,train,learning,zero-shot,scene</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Minutes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Device of the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Seed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Adapted model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Models (*.safetensors)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name of the adapted model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Device used</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sensor used</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Error before adapting</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Error after adapting</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Steps</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Seconds</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Peak memory in MB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Lets a model for any sensor learn from a scene, and writes the model that it becomes.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The pair is made coarser by its own ratio, so that the original multispectral image is the truth, and the model learns what it misses there. On parts of the scene that it does not learn from, the model as it was competes with what it becomes: the best is written, so that it is never worse there. Use the result as Model of Pansharpen, for this scene and for others of the same sensor; Pansharpen can also adapt a model by itself, without keeping it. The images stay on this computer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One image, or several where each band has a file of its own, all on one grid and in the coordinate system of the panchromatic image.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The image of one band and finer pixels.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The model to begin with, which must be one for any bands: one of those that come with the plugin, your own in {folder}, and those of the folders in the options of the provider. Empty: one is chosen among them.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Instead of a known model, the file of any. It computes in another Python, so that nothing it does can harm QGIS.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How long the model learns. Longer is better for some minutes, and changes little then.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which instrument took the images: it tells how much each band blurs. AUTO finds it from file names, metadata and band names, and says so in the log.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Learn from this part of the panchromatic image alone, in any coordinate system. Empty: from all of it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which multispectral bands to learn from, counted from 1 over all files; such as 3 2 1. Empty: all.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The value that marks missing pixels, in place of what the files declare.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which band of the panchromatic file to use, where it has more than one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What a model computes on. AUTO takes a graphics card where PyTorch can use one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Of the order in which the model sees what it learns from.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How many threads to use, 0 for all cores. Empty: as set in the options of the provider.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A model file; its name ends in .safetensors.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Its name and version.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What the model computed on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The sensor chosen or recognised, as SENSOR takes it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Of the model to begin with, on parts of the pair made coarser that it did not learn from, as a share of the error of MTF-GLP-FS.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The same of the model that it became.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How often it learned from a few samples.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How long the run took.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The most that QGIS and the run together held, in megabytes.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Parameters</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Further outputs</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Give the name, not the number.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Threads</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name} cannot be '{value}'. Choose one of {choices}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No file was named for the result. Name one that ends in .tif.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A result is a GeoTIFF, and '{name}' does not end like one. Let the name end in .tif.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Parameters in use: {values}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>There is no parameter {name}; its value is ignored.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name} is '{value}', which is no {kind}. Give one, or leave it empty.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>whole number</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>number</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name} is '{value}', which is no list of {kind}. Write {example}, for example.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>whole numbers</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>numbers</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name}: '{file}' cannot be loaded. Check its name and that it is an image.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The layer '{layer}' comes from '{provider}', not from a file. Export it as GeoTIFF, then use that.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The layer '{layer}' is opened with driver options. Export it as GeoTIFF, then use that.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Check environment</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>environment,python,pytorch,torch,cuda,gpu,device,diagnostics,dependencies,deep learning</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Python to ask</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Whether models can be run</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Python that is used</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Version of that Python</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Version of PyTorch</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Version of numpy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Version of safetensors</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Device that AUTO takes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Devices that compute</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Problem</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Folder of environments</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Free space in MB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All files (*)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Says what there is to run models with: a Python with PyTorch, and the devices that compute.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Models run in a Python of their own, beside QGIS. It is the one named in the options of the provider or in the environment variable KSDIFF_PYTHON; else one that was set up by 'Set up environment'; else that of QGIS. Each device has to do a real computation and to get it right. Nothing is changed and nothing is fetched. That nothing was found is an answer, not an error: USABLE is 0 then.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The program of a Python to ask in place of the one that would be used; such as /opt/conda/bin/python.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>1 where models can be run, else 0.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The program; empty where none can be used.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Such as 3.12.4.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Such as 2.13.0+cpu.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Such as 2.4.6.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Such as 0.8.0.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A graphics card before the processor; such as cuda:0.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All devices that computed rightly, with commas between; such as cpu,cuda:0.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Each Python that was asked and cannot run models, and why.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Where 'Set up environment' makes environments.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What is free there, in megabytes.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How long the check took.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Evaluate sharpened images</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>quality,assessment,report,metrics,ergas,sam,q4,q8,uiqi,scc,qnr,hqnr,wald,truth,accuracy,pansharpening</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sharpened images</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Methods to run and compare</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Models to run and compare</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reference</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Border left out</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>HTML files (*.html)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Numbers</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>JSON files (*.json)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Table</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>CSV files (*.csv)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Error map</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Image judged</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Resolution ratio</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Shift between the images</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Says how good sharpened images are, and where they are not, in a report to read and in numbers.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Judges images you have, from whatever program, and methods that are run for comparison. Methods are also run on the pair made coarser by its own ratio, where the original multispectral image is the truth (Wald's protocol); images you have are judged by what needs no truth: how well they keep the measured colours and follow the detail of the panchromatic image. The multispectral image, only enlarged, is always among them: what is no better than that has gained nothing. Memory stays bounded however large the images are.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One image, or several where each band has a file of its own, all on one grid.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Images to judge, on the grid of the panchromatic image and with the bands of the multispectral one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Methods to run and judge as well, each on the pair and on the pair made coarser. Several methods take several times as long.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Trained models, files that end in .safetensors, to run and judge as methods are; they compute where those of Pansharpen do.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The truth on the grid of the panchromatic image, where it is known, as from Simulate a pair. Then everything is compared with it, and the pair is not made coarser.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Only this part of the panchromatic image, in any coordinate system. Empty: all of it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which multispectral bands to take, counted from 1 over all files; the images to judge have these bands, in this order. Empty: all.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pixels left out along each edge when comparing with the truth; 0 uses everything.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One file that opens in any browser, without the internet, and can be printed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All numbers, for programs.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All numbers as a table, one line per image.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The error of the first image that can be compared with a truth, in per cent, as a GeoTIFF.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The image all further numbers are of: the first one given, or else the first method.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Multispectral pixel size over panchromatic pixel size.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How far the multispectral image lies off, in panchromatic pixels; empty if not measurable.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Against the truth; empty where there is none.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Against the panchromatic and the multispectral image alone.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Of the band where it is worst.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Known model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Models (*.safetensors);;All files (*)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Two models are named, {known} and {file}. Leave KNOWN_MODEL or MODEL empty.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>model,card,list,import,install,remove,delete,export,stac,mlm,licence,weights,zoo,library</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What to do</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>STAC item</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cards</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Number of models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name of the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>File of the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Folder of your models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All that was found</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No file was named for the STAC item. Name one that ends in .json.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Lists the models that are there, shows their cards, takes new ones in, and removes your own.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A model is one .safetensors file, which holds numbers and a card, and no code. The card says what the model takes, how good it was and on which images, from what it learnt, and on which terms it may be used. Models come with the plugin, or lie in your own folder, {folder}, which outlives updates of the plugin; the options of the provider, or the environment variable KSDIFF_MODELS, can name further folders. All of them can be chosen wherever a model is asked for. Nothing is fetched from anywhere.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>LIST shows the cards of all models, or of the one that is named. IMPORT checks a file to its last byte (its structure, the hash of its weights, that they are finite numbers), copies it into your folder and says on which terms it may be used; a model of the same name and version with other contents is never replaced. REMOVE deletes a model from your folder, and from nowhere else. EXPORT describes a model as a STAC item with the machine learning model extension, for catalogues.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One of the models that are there. The newest goes by its name alone, older ones with their version.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The same as a file, such as the one to import; or the name of a known model.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The STAC item, which EXPORT needs; its name ends in .json.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A page with the card of each model; after REMOVE, of those that are left.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How many models the page shows.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name and version of the one model that was named; else empty.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Where it lies, for the next step of a model of QGIS; empty for several, or after REMOVE.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your own folder of models; it is made when the first one is put there.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All that the engine found, as JSON, such as all of a card.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Multispectral image, or one file per band</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Panchromatic image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sensor</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Extent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Bands</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nodata value</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Panchromatic band</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name} is '{value}', which is no extent. Write xmin,xmax,ymin,ymax, followed by a space and [EPSG:4326], for example, where it is not in the coordinate system of the panchromatic image.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pansharpen</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>pansharpening,pan-sharpening,pansharp,sharpen,fusion,resolution,panchromatic,multispectral,brovey,ihs,gram-schmidt,mtf,satellite</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Method</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Minutes to adapt the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nearest Neighbour</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Bilinear</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cubic</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cubic Spline</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Lanczos Windowed Sinc</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Average</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Polynomial, 23 taps</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Resampling algorithm</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Band weights</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Coverage</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Output data type</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Output format</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Build overviews</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Seed of the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Context of the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Go on with an interrupted run</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Additional creation options</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pansharpened</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Local shifts</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Method used</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Model used</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Shift in columns</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Shift in rows</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Corrected in columns</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Corrected in rows</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Share of valid pixels</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The note beside the result could not be written: {error}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Brings a multispectral image to the pixel size of its panchromatic partner.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The result has the colours of the one and the detail of the other, and the number type of the multispectral image. The images may differ in extent and coordinate system, and their pixel sizes need no whole ratio. Memory stays bounded however large they are. A file beside the result, ending in .ksdiff.json, keeps what was asked and what came of it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One image, or several where each band has a file of its own. Bands are counted on from file to file, in the order of the list.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The image of one band and finer pixels. The result lies on its grid and in its coordinate system.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How detail is brought in. KSDIFF takes a trained model: the one that is named, or else the one made for this sensor, or for any; where none can run, MTF-GLP-FS with a warning. It had the least error on all real scenes we measured, and takes several times as long as the others. Of these MTF-GLP-FS was best on average; GSA and BDSD-PC come next. BROVEY and SFIM keep the hue of every pixel. GIHS and GS are simple, and weak where bands lie outside what the panchromatic image sees. EXP adds no detail; it shows what enlarging alone would give.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One of the models that are there: those that come with the plugin, your own in {folder}, and those of the folders in the options of the provider. It takes the place of the method. Empty: with the method KSDIFF the one made for this sensor is chosen among them.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Instead of a known model, the file of any, or a model's name. Models compute in another Python, so that nothing they do can harm QGIS: that of the provider's options, or the one that Set up environment made.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>For so many minutes a model for any sensor first learns from this very pair, made coarser so that the truth is known: 2 take a good part of what is left of the error. 0: not at all. To keep what it learns, use Adapt a model to a scene. A run that adapts cannot be gone on with.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which instrument took the images: it tells how each band blurs, and which bands are red, green and blue. AUTO finds it from file names, metadata and band names, and says so in the log.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which multispectral bands to sharpen, counted from 1 over all files, in the order wanted in the result; such as 3 2 1. Methods that work with an intensity (BROVEY, GIHS, GS, GSA, BDSD-PC, BT-H) make it from the chosen bands, so another choice changes their pixels. Empty: all.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How the multispectral image is enlarged before detail is added. The polynomial with 23 taps keeps most; the others are those of GDAL.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What is done where the multispectral image lies off. REPORT: that is measured, and said where it is more than 0.3 panchromatic pixels; nothing is moved, unless a model is used, neither image names a coordinate system and it is 0.4 or more: then as with GLOBAL. GLOBAL: the image is moved back as a whole, which resamples nothing. LOCAL: it is also moved back from place to place, along a smooth field, where the images were not laid onto the same terrain, for example.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>For BROVEY and GIHS: how much each chosen band takes part in the panchromatic image, such as 0.3 0.4 0.3. Empty: as known of the sensor, or estimated from the images.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>INTERSECTION: the result covers what both images cover. UNION: it covers what either of them covers, with nodata where one is missing.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The number type of the result. SAME: that of the multispectral image.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GTIFF: a tiled GeoTIFF. COG: a cloud-optimised GeoTIFF, with overviews.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Add reduced copies, so that a large result is shown quickly.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Of the noise that a model begins with: the same seed gives the same result.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What a model adapts itself to. SCENE: to the image as a whole. TILE: to each part of it, which takes a few times as long, and may suit images of very different parts better.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Where an earlier run with the same parameters was stopped or killed, go on with what it had done.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GDAL creation options for the result, such as COMPRESS=ZSTD|BLOCKXSIZE=256; they win over our own.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A GeoTIFF; its name ends in .tif.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Points all over the images with the shift there: dx to the right, dy downwards, length, in panchromatic pixels, and the correlation it was found by. A GeoPackage or GeoJSON. Empty: none.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>As METHOD takes it, for the next step of a model.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Its name and version; empty without one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What the model computed on; empty without one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Of the model before it was adapted, on parts of the pair made coarser that it did not learn from, as a share of the error of MTF-GLP-FS; empty without adapting.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The same after it was adapted; empty without adapting.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Its part to the right; empty if not measurable.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Its part downwards; empty if not measurable.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The part to the right of the shift that was taken away; 0 with REPORT.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Its part downwards.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>From 0 to 1.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Measure the shift of a pair</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>registration,co-registration,coregistration,shift,offset,misregistration,pansharpening</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Correlation</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Places measured</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Greatest local shift</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Spread of the local shifts</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Measures how far a multispectral image lies off its panchromatic partner.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The shift is measured for the scene as a whole and in windows all over it, to about a tenth of a panchromatic pixel, from the mix of bands that comes nearest to the panchromatic image. Nothing is changed: to take the shift away, choose GLOBAL or LOCAL for it in Pansharpen. More than 0.3 pixels blur and colour edges.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One image, or several where each band has a file of its own.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which instrument took the images: it tells how much each band blurs. AUTO finds it from file names, metadata and band names.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>An extent that both images share a part of; shifts are measured all over what both images show.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which multispectral bands to compare with the panchromatic image, counted from 1 over all files. Empty: all; those that do not resemble it count little.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How far the multispectral image lies to the right, in panchromatic pixels; empty if not measurable.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How far it lies down; empty if not measurable.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How far it lies off in all; empty if not measurable.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Of the images once the shift is taken away, 0 to 1; empty if not measurable.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>In how many windows a shift could be measured.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The longest shift of a window, in panchromatic pixels; empty if there is none.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How far half of the windows at least lie from their middle, in panchromatic pixels; empty if there are fewer than four.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What was found, in words, with the warnings.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Set up environment</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>environment,install,python,pytorch,torch,cuda,gpu,pip,venv,dependencies,deep learning</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Build of PyTorch</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Only say what would be done</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Make it again, even if it works</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Folder of wheels</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Index of packages</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Python to make it from</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Python of the environment</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Build that was chosen</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Whether it was made just now</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Folder of the environment</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Megabytes to fetch</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Megabytes on disk</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Commands</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Makes an environment with PyTorch, numpy and safetensors, in which models run.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It lies in a folder of your own, beside QGIS, and touches neither QGIS's Python nor any other. The log says first what is fetched, from where, how much, and into which folder: about 250 MB to fetch and 1 GB on disk for the processor, 4 and 8 GB for a graphics card of NVIDIA's. Stopping removes what was begun. An environment that works is left alone. The proxy is that of QGIS's network options. Where a Python with PyTorch is there already, name it in the options of the provider instead; nothing is needed then.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>AUTO takes the build for CUDA where the driver of an NVIDIA card is new enough, else that for the processor; on macOS that uses Apple's GPU too. CPU and CUDA insist.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Say what would be fetched and run, with commands to copy, and do nothing.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Make the environment again; where that fails, the old one comes back.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Take all packages from this folder of *.whl files, without any network.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Take all packages from this index, such as that of a company; it begins with https://.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The program of the Python to make the environment from, 3.9 to 3.14. Empty: that of QGIS, or one that is installed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The program; it is found by itself from now on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>CPU, CU126, CU128, or OWN where wheels or an index were given.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>1 where it was made, 0 where it was there already or with DRY_RUN.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Such as 2.13.0+cpu; empty with DRY_RUN.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Such as 2.4.6; empty with DRY_RUN.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Such as 0.8.0; empty with DRY_RUN.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Remove it to get rid of the environment.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>An estimate; empty where nobody can tell.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What is run, one command a line.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Simulate a pair with known truth</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>wald,protocol,simulation,degrade,reference,truth,quality,mtf,reduced resolution,pansharpening</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Convention</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Coarser panchromatic image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Coarser multispectral image</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Share of valid pixels, panchromatic</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Share of valid pixels, multispectral</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Makes a pair coarser by its own ratio, so that the original multispectral image is the truth.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This is Wald's protocol: each band is blurred as its sensor would have seen it with larger pixels. Sharpen the coarser pair and compare the result with the reference, which lies on the same grid, pixel by pixel. What does not fill a coarser pixel at the right and lower edge is left out of all three images. Missing pixels take no part, and memory stays bounded however large the images are.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GEOMETRIC keeps everything where the georeferencing puts it, with any ratio and offset. TOOLBOX filters and thins out as the reference toolbox of the field does, for numbers that compare with papers: ratios 2, 4, 8 and 16, aligned pixels without gaps, images that fit into memory.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which multispectral bands to take, counted from 1 over all files, in the order wanted in the result; such as 3 2 1. Empty: all.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A GeoTIFF on the grid of the reference; its name ends in .tif.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A GeoTIFF with pixels larger than those of the reference by the ratio.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A GeoTIFF that holds the original multispectral image, unchanged but cut.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Train a model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>pansharpening,model,train,training,learning,deep learning,diffusion,network,neural</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Model file, where it is not to lie in the folder of models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{score} without it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Best classical method</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Its ERGAS</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Epochs</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Training set</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Multispectral image, where there is no training set</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Go on where an earlier run ended</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Model to begin with</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Backbone</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Steps in place of minutes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stopped on request. What was learnt up to the last checkpoint is kept: run it again with RESUME to go on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What to learn from is not clear. Give TRAININGSET alone, or SPECTRAL and PANCHROMATIC.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Trains a model that sharpens images like those it learns from.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Give a training set, as Make a training set writes it, or the two images of a scene, and a name. How large the network is follows from the number of samples and the time. It learns in another Python, so that nothing it does can harm QGIS, in two stages: first with kernels that are made from the truth, then with those that the diffusion finds. A report shows how it learns, beside doing nothing and beside classical methods; its path is in the log, and a browser that shows it renews it by itself. Cancel as you like: what was learnt up to the last checkpoint is kept. The images stay on this computer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The folder that Make a training set has written. Empty: the two images below.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Where there is no training set: the image to learn from, or several where each band has a file of its own. A training set is made of it first, with default settings, and kept beside the model.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The image of one band and finer pixels that belongs to it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What the model is called, such as the sensor and the place; no other may be called so.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How long the network learns. Ten minutes show whether it will come to something, hours are normal.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Go on with the training of this name that was stopped or ended otherwise, up to MINUTES in all. Where there is none, one is begun.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A model, as a file or by its name, whose fusion network learns on. It must take such samples. Empty: begin with a new network.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What the network computes on. AUTO takes a graphics card where PyTorch can use one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The fusion network. AUTO takes SWIFT, the fastest; PANNEXT is the one of the paper.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How many steps both stages take together, in place of MINUTES; so a run can be repeated.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Of the first weights and of the order in which the network sees the samples.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A model file; its name ends in .safetensors. The run with its checkpoints lies beside it. Empty: a file in {folder}, where Pansharpen finds it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The page that shows how the network learned, and what it came to.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name and version of the model, as KNOWN_MODEL of Pansharpen takes the name.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What the network computed on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The error of the model on samples that it did not learn from; less is better.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The angle between its colours and the true ones, in degrees; less is better.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How like the truth its images are, at most 1; more is better.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The same of the image that it is given, which is only enlarged.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The same of the image that it is given.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The classical method that comes nearest to the truth on these samples.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Its error there.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How many steps were made, in all stages.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How often all samples were seen, on average.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How long this run took.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Make a training set</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>pansharpening,train,training,learning,samples,patches,dataset,pancollection,h5,wald,validation</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Panchromatic images</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Multispectral images, in the same order</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Folder with pairs</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>File of patches</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>PanCollection files (*.h5 *.hdf5)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Most samples</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Held out, in per cent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Clouds</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Limit of the shift</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Size of a sample</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Least texture</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Samples</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Samples to learn from</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Samples to measure on</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Places left out</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Number of bands</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Manifest</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cuts samples out of images, for a model to learn from and to be measured on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Each pair is made coarser by its own ratio, so that its original multispectral image is the truth. Places with clouds, missing or saturated pixels or too little texture are left out, and so are pairs whose images do not lie on each other; the log and the report say what was left out and why. A part of the ground is held out to measure on: whole images where there are enough, else a strip at one end, with ground between that is not used. A panchromatic image, a multispectral one and a folder for the result are enough. The result is a folder for Train; it is made whole, or not at all. The images stay on this computer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One image of one band and finer pixels for each scene.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The image that belongs to each panchromatic one, in the same order. With a single panchromatic image, several files that hold a band each are taken for one scene. All scenes need the same bands.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A folder that is searched, with those below it, for pan.tif beside ms.tif (and clouds.tif), a_pan.tif beside a_ms.tif, and .h5 files; besides the images above, or in place of them.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A file of patches as PanCollection has them, with gt, ms and pan; besides all others.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How many samples there are at most, to learn from and to measure on together. Where there are fewer places, each is drawn up to eight times, with another blur and another shift.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which part of the ground is kept to measure on. With 0 there are samples to learn from only.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A raster, or one for each pair, that is not 0 where clouds and their shadows are, in the coordinate system of the images and of any pixel size. Where it ends, the sky is taken to be clear.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>In panchromatic pixels: a pair whose images lie farther off each other, as measured, is left out.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which multispectral bands to take, counted from 1 over all files; such as 3 2 1. Empty: all.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>In pixels of the multispectral image. A training cannot look at larger parts than this.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How much the liveliest band of a sample has to vary (its standard deviation), as a share of what is bright in the scene. 0 leaves nothing out.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Of the choice of samples and of their blur and shift; the same seed makes the same set.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A folder that does not exist yet, or is empty.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All of them.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Each with a blur and a shift of its own.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>From ground that nothing is learnt from.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How many of the places that were looked at are not in the set; the report says why.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Of the multispectral images.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Multispectral pixel size over panchromatic pixel size; the greatest where several differ.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The sensor chosen or recognised, GENERIC where there are several.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A page with numbers and some of the samples, inside the folder.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The same in numbers, as JSON, inside the folder.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stopped on request; nothing was left behind.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The engine ended without a result; please report this with the log above.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{percent} % after {elapsed}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{percent} % after {elapsed}, {rate:.1f} % per second, about {left} left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{hours} h {minutes} min</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{minutes} min {seconds} s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{seconds} s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>KSDiff pansharpening</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Threads (0: all cores)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Python with PyTorch (empty: one is looked for)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Further folders of models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name} is '{value}'; give a whole number from 0 (all cores) to {most}.</source>
            <translation type="unfinished" />
        </message>
    </context>
</TS>
