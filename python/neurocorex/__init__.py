# SPDX-License-Identifier: BSD-3-Clause
"""NeuroCoreX: spiking neural networks on a bit-exact model, on simulated hardware, or on an FPGA.

    import neurocorex as ncx

    net = ncx.Network()
    source = net.axons(10, rates=0.2)
    cells = net.population(50, threshold=1.0, leak=0.05)
    net.connect(source, cells, 0.3, connector=ncx.fixed_probability(0.5))
    print(net.check("cmod_a7"))

    with ncx.Emulator("model") as emulator:
        emulator.load(net)
        emulator.run(200).plot_raster()
"""

from neurocorex import datasets, encoders, plot, stdp
from neurocorex.connectors import (
    Connector,
    Synapses,
    all_to_all,
    fixed_number_post,
    fixed_number_pre,
    fixed_probability,
    from_list,
    one_to_one,
)
from neurocorex.emulator import Emulator
from neurocorex.errors import (
    CapacityError,
    Error,
    InputError,
    Interrupted,
    LinkError,
    PortError,
    RefusedError,
)
from neurocorex.image import Image
from neurocorex.learning import State
from neurocorex.network import AxonGroup, Network, Population, Projection, recommend, targets
from neurocorex.report import Report
from neurocorex.results import RunResult, SamplesResult
from neurocorex.superneuromat import SuperNeuroMATNetwork, from_superneuromat

__version__ = "0.1.0"

__all__ = [
    "AxonGroup",
    "CapacityError",
    "Connector",
    "Emulator",
    "Error",
    "Image",
    "InputError",
    "Interrupted",
    "LinkError",
    "Network",
    "Population",
    "PortError",
    "Projection",
    "RefusedError",
    "Report",
    "RunResult",
    "SamplesResult",
    "State",
    "SuperNeuroMATNetwork",
    "Synapses",
    "all_to_all",
    "datasets",
    "encoders",
    "fixed_number_post",
    "fixed_number_pre",
    "fixed_probability",
    "from_list",
    "from_superneuromat",
    "one_to_one",
    "plot",
    "recommend",
    "stdp",
    "targets",
]
