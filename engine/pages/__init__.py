"""PAGES: reports that people read, self-contained HTML with pictures drawn as SVG; no files, no network."""
