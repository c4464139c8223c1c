# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tests of a codec for gst-validate-launcher, which runs in the folder CODEC of the clips."""
import os

from launcher.apps.gstvalidate import GstValidateSimpleTestsGenerator

TEST_MANAGER = "validate"


def setup_tests(test_manager, _options):
    """Add the tests of the codec after which this folder is named."""
    here = os.path.dirname(os.path.realpath(__file__))
    codec = os.path.basename(os.getcwd())
    test_manager.set_default_blacklist([(r".*\.device-gone$", "no daemon runs after it")])
    test_manager.add_generators([
        GstValidateSimpleTestsGenerator("daedalus", test_manager, os.path.join(here, codec))])
    return True
