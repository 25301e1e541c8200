import atexit
import base64
import gzip
import html
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display

FOLDER = Path(tempfile.mkdtemp(prefix="gx-"))  # of what is unpacked and fetched
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
SERIES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]  # told apart by the colour-blind


def locate(name):
    """A file of the results on this machine: out of this notebook, from DATA, beside the notebook, or from its repository."""
    to = FOLDER / name
    if to.exists():
        return to
    if name in EMBEDDED and not DATA:
        to.write_bytes(base64.b64decode(EMBEDDED[name]))
        return to
    if not DATA and Path(name).exists():
        return Path(name)
    base = DATA or REPOSITORY
    if not base:
        where = "upload it to the folder /content" if IN_COLAB else "put it there"
        raise FileNotFoundError(f"{name} does not lie beside this notebook: {where}, or set DATA to the folder, https:// or gs:// that has it")
    source = base if base.endswith("/" + name) else base.rstrip("/") + "/" + name
    if "://" not in source:
        return Path(source)
    part = FOLDER / (name + ".part")
    if source.startswith("gs://"):
        copy_from_cloud(source, part)
    else:
        urllib.request.urlretrieve(urllib.parse.quote(source, safe=":/?&=%@+,~"), part)
    part.rename(to)
    return to


def copy_from_cloud(source, to):
    """Copy an object of Google Cloud Storage; Colab asks who you are, elsewhere gcloud knows."""
    if IN_COLAB:
        from google.colab import auth

        auth.authenticate_user()
    if shutil.which("gcloud"):
        tool = ["gcloud", "storage", "cp"]
    elif shutil.which("gsutil"):
        tool = ["gsutil", "-q", "cp"]
    else:
        raise RuntimeError(f"{source}: gcloud is not here: install the Google Cloud CLI, or set DATA to a folder or an https:// address")
    subprocess.run([*tool, source, str(to)], check=True)


def opened(path):
    """A text file that may be packed by gzip or bgzip."""
    with open(path, "rb") as f:
        packed = f.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rt") if packed else open(path)


def show(table):
    """Show a table whose cells are texts."""
    rows = [[str(c) for c in row] for row in [list(table.columns), *table.values.tolist()]]
    width = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    text = "\n".join("  ".join(c.rjust(w) for c, w in zip(row, width)) for row in rows)
    page = ""
    for i, row in enumerate(rows):
        tag = "td" if i else "th"
        page += "<tr>" + "".join(f"<{tag}>{html.escape(c, quote=False)}</{tag}>" for c in row) + "</tr>"
    display({"text/plain": text, "text/html": f"<table>{page}</table>"}, raw=True)


def number(x, form):
    """A number as text, NA for what does not exist."""
    return "NA" if x is None or x != x else format(x, form)
