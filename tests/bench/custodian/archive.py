"""Writes the files that `custodian run` would put beside the c7n package in the function's archive.

Both come out of c7n itself (`PolicyLambda.get_archive`), so that the benchmark runs what a user of it would deploy. No
AWS call is made: the account and the region are only there to be filled in.
"""

import pathlib
import sys

from c7n.config import Config
from c7n.mu import PolicyLambda
from c7n.policy import PolicyCollection
from c7n.resources import load_resources
from c7n.utils import yaml_load

NAMES = ("config.json", "custodian_policy.py")


def main(policy_file: str, folder: str) -> None:
    data = yaml_load(pathlib.Path(policy_file).read_text())
    load_resources(("aws.security-group",))
    (policy,) = PolicyCollection.from_data(data, Config.empty(account_id="123456789012", region="us-east-1", tracer=None))
    policy.validate()
    pathlib.Path(folder).mkdir(exist_ok=True)
    with PolicyLambda(policy).get_archive().get_reader() as archive:
        for name in NAMES:
            pathlib.Path(folder, name).write_bytes(archive.read(name))


if __name__ == "__main__":
    main(*sys.argv[1:])
