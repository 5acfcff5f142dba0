#!/usr/bin/env python3
"""Packages a release. Needs the standard library alone; building needs what the Makefile needs.

    .ci/release.py functions x86_64|arm64 [--binaries FOLDER] [--into FOLDER]

builds every function of template.yaml with cargo-lambda as `sam build` does (or takes FOLDER/NAME), and packages what `sam deploy` takes, so that a deployment needs
no Rust: parapet-VERSION-ARCHITECTURE/ with template.yaml, functions/NAME.zip, policy/, template-spoke.yaml, examples/, samconfig.toml and LICENSE; and the same as tar.gz.

    .ci/release.py command TARGET [--binary FILE] [--into FOLDER]

builds the command with the features of a release for a target triple of Rust's (or takes FILE): parapet-VERSION-TARGET.tar.gz. On Linux by cargo-zigbuild, for every system with
glibc 2.28 or later.

    .ci/release.py inventory [--into FOLDER]

lists what both are made of, for all systems, by cargo-cyclonedx: parapet-VERSION-functions.cdx.json and parapet-VERSION-command.cdx.json.

    .ci/release.py version

The same binaries make the same bytes. It ends with an error where something is missing, is for another processor, or where the template is not as expected.
"""

import argparse
import gzip
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The value of the template's parameter, cargo-lambda's option, and the number by which an ELF file names the processor ("e_machine").
ARCHITECTURES = {"x86_64": ("--x86-64", 62), "arm64": ("--arm64", 183)}
# The oldest glibc that the command runs with: that of RHEL 8 and Debian 10, and older than Amazon Linux 2023's.
GLIBC = "2.28"
# What a deployment needs beside the template and the functions.
FILES = ["LICENSE", "samconfig.toml", "template-spoke.yaml", "policy/parapet.yaml", "examples/key.yaml", "examples/watcher.yaml"]
# The earliest time that a zip can name: the date of a build is no part of it.
EPOCH = (1980, 1, 1, 0, 0, 0)


def version() -> str:
    """The version of the workspace."""
    found = re.search(r'^\[workspace\.package\]\nversion = "([^"]+)"$', (ROOT / "Cargo.toml").read_text(), re.M)
    if not found:
        sys.exit("Cargo.toml: no `version` in [workspace.package]")
    return found.group(1)


def packaged(template: str, architecture: str) -> tuple[str, list[str]]:
    """The template with the functions' zips in the place of their code, and the names of the functions."""
    names = re.findall(r"^      CodeUri: functions/([a-z0-9-]+)$", template, re.M)
    if not names or len(names) != template.count("Type: AWS::Serverless::Function"):
        sys.exit("template.yaml: not every function has a line `CodeUri: functions/NAME`")
    template = re.sub(r"^(      CodeUri: functions/[a-z0-9-]+)$", r"\1.zip", template, flags=re.M)
    # Nothing is built any more.
    template, removed = re.subn(r"^    Metadata:\n      BuildMethod: rust-cargolambda\n", "", template, flags=re.M)
    if removed != len(names):
        sys.exit("template.yaml: not every function has its `BuildMethod`")
    # The other processor's functions are in another archive.
    given = re.compile(r"^  Architecture:\n(?:    .*\n)*?    Default: x86_64\n    AllowedValues: \[x86_64, arm64\]\n", re.M)
    if not given.search(template):
        sys.exit("template.yaml: the parameter `Architecture` is not as expected")
    parameter = (
        f"  Architecture:\n    Type: String\n    # The functions of this archive are built for it.\n    Default: {architecture}\n"
        f"    AllowedValues: [{architecture}]\n"
    )
    return given.sub(lambda _: parameter, template), names


def build(names: list[str], architecture: str) -> Path:
    """Builds the functions one by one, each with its own features alone (docs/adr/0020)."""
    for name in names:
        print(f"building {name}", flush=True)
        manifest = ROOT / "functions" / name / "Cargo.toml"
        option = ARCHITECTURES[architecture][0]
        command = ["cargo", "lambda", "build", "--release", "--locked", option, "--manifest-path", str(manifest)]
        subprocess.run(command, cwd=ROOT, check=True)
    return target_folder() / "lambda"


def target_folder() -> Path:
    """Where cargo builds."""
    asked = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    answer = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
    return Path(json.loads(answer.stdout)["target_directory"])


def binary(folder: Path, name: str, architecture: str) -> bytes:
    """A function's binary, which is an executable for this processor."""
    candidates = [folder / name / "bootstrap", folder / name]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        sys.exit(f"`{name}` is not built: neither {candidates[0]} nor {candidates[1]} is there")
    content = found.read_bytes()
    # "ELF-64 Object File Format": 64 bits, little endian, then the type and the machine.
    if content[:6] != b"\x7fELF\x02\x01":
        sys.exit(f"{found} is no 64-bit ELF file")
    machine = int.from_bytes(content[18:20], "little")
    if machine != ARCHITECTURES[architecture][1]:
        sys.exit(f"{found} is not built for {architecture} (ELF machine {machine})")
    return content


def zipped(content: bytes) -> bytes:
    """A package as Lambda takes it for `provided.al2023`: `bootstrap`, executable."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        entry = zipfile.ZipInfo("bootstrap", EPOCH)
        entry.create_system = 3  # Unix, whose permissions these are
        entry.external_attr = 0o100755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        package.writestr(entry, content)
    return out.getvalue()


def archived(folder: Path) -> Path:
    """The folder as a tar.gz beside it."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = "root"
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    path = folder.parent / f"{folder.name}.tar.gz"
    with path.open("wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(folder, folder.name, recursive=False, filter=plain)
            for each in sorted(folder.rglob("*")):
                archive.add(each, f"{folder.name}/{each.relative_to(folder).as_posix()}", recursive=False, filter=plain)
    return path


def functions(architecture: str, binaries: Path | None, into: Path) -> Path:
    """The archive with everything that `sam deploy` takes."""
    template, names = packaged((ROOT / "template.yaml").read_text(), architecture)
    binaries = binaries or build(names, architecture)
    folder = fresh(into, architecture)
    (folder / "functions").mkdir()
    (folder / "template.yaml").write_text(template)
    for name in names:
        (folder / "functions" / f"{name}.zip").write_bytes(zipped(binary(binaries, name, architecture)))
    for file in FILES:
        (folder / file).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / file, folder / file)
    return archived(folder)


def command(target: str, built: Path | None, into: Path) -> Path:
    """The archive with the command."""
    if built is None:
        of_linux = target.endswith("-linux-gnu")
        how = ["zigbuild", "--target", f"{target}.{GLIBC}"] if of_linux else ["build", "--target", target]
        subprocess.run(["cargo", *how, "--release", "--locked", "--package", "parapet", "--features", "aws"], cwd=ROOT, check=True)
        built = target_folder() / target / "release" / "parapet"
    folder = fresh(into, target)
    shutil.copyfile(built, folder / "parapet")
    (folder / "parapet").chmod(0o755)
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")
    return archived(folder)


def inventory(into: Path) -> list[Path]:
    """What the functions and the command are made of. Cargo resolves the workspace as a whole, so one list serves all functions."""
    name = "parapet-inventory"
    asked = ["--format", "json", "--spec-version", "1.5", "--target", "all", "--features", "aws", "--override-filename", name]
    try:
        subprocess.run(["cargo", "cyclonedx", *asked, "--manifest-path", str(ROOT / "cli" / "Cargo.toml")], cwd=ROOT, check=True)
        into.mkdir(parents=True, exist_ok=True)
        written = []
        for what, crate in (("functions", "functions/operate"), ("command", "cli")):
            path = into / f"parapet-{version()}-{what}.cdx.json"
            # Remove the local build path.
            path.write_text((ROOT / crate / f"{name}.json").read_text().replace(ROOT.as_uri(), "file:///parapet"))
            written.append(path)
        return written
    finally:
        # It writes one beside every manifest.
        for folder in ("cli", "functions", "generate", "shared", "tests"):
            for left in (ROOT / folder).rglob(f"{name}.json"):
                left.unlink()


def fresh(into: Path, what: str) -> Path:
    """An empty folder of the release's."""
    folder = into / f"parapet-{version()}-{what}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("version")
    functions_parser = kinds.add_parser("functions")
    functions_parser.add_argument("architecture", choices=ARCHITECTURES)
    functions_parser.add_argument("--binaries", type=Path, help="a folder with the functions as they were built")
    command_parser = kinds.add_parser("command")
    command_parser.add_argument("target", help="a target triple of Rust's")
    command_parser.add_argument("--binary", type=Path, help="the command as it was built")
    inventory_parser = kinds.add_parser("inventory")
    for each in (functions_parser, command_parser, inventory_parser):
        each.add_argument("--into", type=Path, default=ROOT / "dist", help="where to write (dist)")
    given = parser.parse_args()
    if given.kind == "version":
        print(version())
    elif given.kind == "functions":
        print(functions(given.architecture, given.binaries, given.into))
    elif given.kind == "inventory":
        print(*inventory(given.into), sep="\n")
    else:
        print(command(given.target, given.binary, given.into))


if __name__ == "__main__":
    main()
