"""The packages of a release, made of binaries that are nothing but the header of one. `make validate` runs it."""

import io
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import release  # noqa: E402


def header(machine: int) -> bytes:
    """The beginning of a 64-bit ELF executable for this processor."""
    return b"\x7fELF\x02\x01\x01" + bytes(9) + (2).to_bytes(2, "little") + machine.to_bytes(2, "little") + bytes(44)


class Release(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.template = (release.ROOT / "template.yaml").read_text()

    def built(self, machine: int, but: str = "") -> Path:
        """Functions as cargo-lambda leaves them, but one."""
        folder = self.scratch / f"built-{machine}{but}"
        for name in release.packaged(self.template, "x86_64")[1]:
            if name != but:
                (folder / name).mkdir(parents=True)
                (folder / name / "bootstrap").write_bytes(header(machine))
        return folder

    def test_an_archive_holds_all_that_a_deployment_needs(self):
        functions = {path.name for path in (release.ROOT / "functions").iterdir() if (path / "Cargo.toml").is_file()}
        for architecture, machine in (("x86_64", 62), ("arm64", 183)):
            path = release.functions(architecture, self.built(machine), self.scratch)
            with tarfile.open(path) as archive:
                files = {entry.name.split("/", 1)[1]: archive.extractfile(entry).read() for entry in archive if entry.isfile()}
            template = files["template.yaml"].decode()
            named = re.findall(r"CodeUri: (\S+)", template)
            self.assertEqual({Path(uri).stem for uri in named}, functions)
            for uri in named:
                with zipfile.ZipFile(io.BytesIO(files[uri])) as package:
                    [entry] = package.infolist()
                    self.assertEqual((entry.filename, entry.external_attr >> 16), ("bootstrap", 0o100755))
                    self.assertEqual(package.read(entry), header(machine))
            self.assertNotIn("BuildMethod", template)
            self.assertIn(f"    Default: {architecture}\n    AllowedValues: [{architecture}]\n", template)
            self.assertLess(set(release.FILES), set(files))
            # But for these lines it is the template.
            lines = set(template.splitlines()) - set(self.template.splitlines())
            expected = {f"      CodeUri: {uri}" for uri in named} | {f"    Default: {architecture}", f"    AllowedValues: [{architecture}]"}
            self.assertEqual({line for line in lines if not line.lstrip().startswith("#")} - expected, set())

    def test_the_same_binaries_make_the_same_archive(self):
        built = self.built(62)
        one = release.functions("x86_64", built, self.scratch / "one").read_bytes()
        self.assertEqual(one, release.functions("x86_64", built, self.scratch / "two").read_bytes())

    def test_what_is_not_right_is_refused(self):
        for folder, said in (
            (self.built(183), "not built for x86_64"),
            (self.built(62, but="operate"), "`operate` is not built"),
        ):
            with self.assertRaises(SystemExit) as refused:
                release.functions("x86_64", folder, self.scratch)
            self.assertIn(said, str(refused.exception))
        for change, said in (
            (("BuildMethod: rust-cargolambda", "BuildMethod: makefile"), "not every function has its `BuildMethod`"),
            (("Default: x86_64", "Default: arm64"), "the parameter `Architecture` is not as expected"),
            (("functions/operate", "operate"), "not every function has a line `CodeUri: functions/NAME`"),
        ):
            with self.assertRaises(SystemExit) as refused:
                release.packaged(self.template.replace(*change, 1), "x86_64")
            self.assertIn(said, str(refused.exception))

    def test_the_command_is_executable_and_has_the_licence(self):
        binary = self.scratch / "parapet"
        binary.write_bytes(header(62))
        path = release.command("x86_64-unknown-linux-gnu", binary, self.scratch)
        folder = f"parapet-{release.version()}-x86_64-unknown-linux-gnu"
        with tarfile.open(path) as archive:
            modes = {entry.name: entry.mode for entry in archive}
        self.assertEqual(modes, {folder: 0o755, f"{folder}/parapet": 0o755, f"{folder}/LICENSE": 0o644})

    def test_the_version_is_what_a_tag_may_name(self):
        asked = subprocess.run([sys.executable, release.__file__, "version"], check=True, capture_output=True, text=True)
        self.assertRegex(asked.stdout.strip(), r"^[0-9]+\.[0-9]+\.[0-9]+$")


if __name__ == "__main__":
    unittest.main()
