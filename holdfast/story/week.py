"""The story's script: a bad week with two providers, day by day, as their pages and our probes tell it. Pure.

Everything a page shows is here with the instant from which it shows it; what is true of the world stands in
``NARRATION``. All names are invented. Times are UTC.
"""

from holdfast.story.alertmanager import Failing
from holdfast.story.cap import WeatherWarning
from holdfast.story.google_cloud import CloudIncident, CloudUpdate
from holdfast.story.people import Acknowledged
from holdfast.story.script import Edited
from holdfast.story.statuspage import PageIncident, PageMaintenance, PageUpdate
from models.paging import Side

VM, STORAGE = "Virtual machines Frankfurt", "Block storage Frankfurt"

IMPORTED = PageIncident(
    incident_id="w1c7p0q4zk2m",
    name="Errors when starting virtual machines",
    impact=Edited("minor"),
    started_at=Edited("2026-10-20 08:55"),
    components=(VM,),
    updates=(
        PageUpdate(
            "2026-10-29 11:00:07",
            "resolved",
            "On 20 October some virtual machines could not be started for 45 minutes. This entry was added afterwards.",
            display_at="2026-10-20 09:40",
        ),
    ),
)
"""Written nine days after the fact: when Nimbus first spoke is not known, and not zero."""

COOLING = PageIncident(
    incident_id="k7w2m9xq4t1c",
    name="Virtual machines unavailable in Frankfurt",
    impact=Edited("major", (("tue 04:30:21", "critical"),)),
    started_at=Edited("tue 02:50", (("tue 16:10:40", "tue 02:41"),)),
    components=(VM, STORAGE),
    updates=(
        PageUpdate("tue 02:52:14", "investigating", "We are looking into reports of unreachable virtual machines."),
        PageUpdate(
            "tue 04:30:21",
            "identified",
            "Two chillers of hall 2 have failed. Hosts switched themselves off at 41 degrees; a technician is on site.",
        ),
        PageUpdate("tue 07:45:02", "identified", "One chiller runs again. Hosts are being started row by row."),
        PageUpdate("tue 08:30:09", "monitoring", "All hosts are up. We keep watching the temperature."),
        PageUpdate(
            "tue 09:36:47",
            "investigating",
            "The repaired chiller has tripped again and part of hall 2 is down once more.",
        ),
        PageUpdate("tue 10:30:30", "identified", "A rented cooling unit is on its way and arrives within the hour."),
        PageUpdate("tue 11:25:12", "identified", "The rented unit is connected. Temperatures fall."),
        PageUpdate("tue 12:20:40", "identified", "Hosts are being started again, storage first."),
        PageUpdate("tue 13:10:05", "monitoring", "All hosts are up on the rented unit."),
        PageUpdate("tue 14:05:33", "monitoring", "Still stable. The failed compressor is being replaced."),
        PageUpdate("tue 15:30:18", "resolved", "The compressor is replaced and the hall is within its limits."),
        PageUpdate(
            "thu 11:00:26",
            "postmortem",
            "Both chillers shared one control unit, which failed. A second unit is ordered and fitted by 30 November.",
        ),
    ),
)
"""Equipment failure: told late, seldom, with a begin moved back by hand, restored and down again."""

OVERRUN = PageIncident(
    incident_id="r5t8y3hb6n0d",
    name="Block storage slow after maintenance",
    impact=Edited("minor"),
    started_at=Edited("fri 03:05"),
    components=(STORAGE,),
    updates=(
        PageUpdate("fri 03:10:44", "investigating", "Volumes answer slowly while tonight's maintenance goes on."),
        PageUpdate("fri 03:50:16", "identified", "A firmware image was refused by one shelf; it is rolled back."),
        PageUpdate("fri 04:35:29", "monitoring", "Volumes answer at their usual speed."),
        PageUpdate("fri 05:02:51", "resolved", "Resolved."),
    ),
)

MAINTENANCE = PageMaintenance(
    incident_id="f2j9s6gv1w8x",
    name="Firmware of block storage shelves",
    scheduled_for="thu 22:00",
    scheduled_until="fri 02:00",
    components=(STORAGE,),
    updates=(
        PageUpdate(
            "2026-10-30 10:00:12", "scheduled", "Shelves get new firmware one by one. Volumes may pause shortly."
        ),
        PageUpdate("thu 22:03:08", "in_progress", "The maintenance has begun."),
        PageUpdate("fri 03:12:20", "in_progress", "The maintenance takes longer than planned."),
        PageUpdate("fri 05:06:00", "completed", "The maintenance is over."),
    ),
)
"""Announced for four hours; takes seven."""

SNAPSHOTS = PageIncident(
    incident_id="d8n3w5jx1p7s",
    name="Snapshots of block storage are slow",
    impact=Edited("minor"),
    started_at=Edited("sun 23:15"),
    components=(STORAGE,),
    updates=(
        PageUpdate("sun 23:20:30", "investigating", "Snapshots take an hour instead of a minute."),
        PageUpdate("sun 23:41:02", "identified", "A catalogue is being rebuilt. We expect this to last until morning."),
    ),
)
"""Still open when the story ends."""

NIMBUS_INCIDENTS = (IMPORTED, COOLING, OVERRUN, SNAPSHOTS)
NIMBUS_MAINTENANCES = (MAINTENANCE,)

NIMBUS_PROBES = (
    Failing(
        "VmUnreachable", VM, "nimbus-fra1", "critical", "9 of 9 virtual machines answer no ping.",
        "tue 02:08:30", "tue 08:41:15", reminded_at=("tue 06:09:00",),
    ),
    Failing(
        "DiskErrors", VM, "nimbus-fra1", "critical", "Reads fail on every disk of the virtual machines.",
        "tue 02:12:00", "tue 08:39:40",
    ),
    Failing(
        "VmUnreachable", VM, "nimbus-fra1", "critical", "6 of 9 virtual machines answer no ping.",
        "tue 08:58:00", "tue 13:04:30",
    ),
    # The rule leaves the announced window out, so it begins to fire when the window is over.
    Failing(
        "VolumeSlow", STORAGE, "nimbus-fra1", "warning", "Writes take 4 s instead of 4 ms.",
        "fri 02:05:00", "fri 04:28:10",
    ),
)  # fmt: skip

STORM_OUTAGE = CloudIncident(
    incident_id="3BvH3LVGstorm1104GOT",
    number="11738310674864064645",
    begin=Edited("wed 15:33", (("wed 16:24:10", "wed 15:31"),)),
    end=Edited(None, (("wed 19:05:35", "wed 19:02"), ("thu 10:00:00", "wed 18:30"))),
    severity="high",
    description="The wide area network in Gothenburg is down.",
    product="Wide area network",
    location="eu-gothenburg",
    updates=(
        CloudUpdate(
            "wed 15:33:20",
            "SERVICE_OUTAGE",
            Edited(
                "Our site in Gothenburg carries no traffic. We will provide an update by Wednesday, "
                "2026-11-04 16:30 UTC."
            ),
        ),
        CloudUpdate(
            "wed 16:24:10",
            "SERVICE_OUTAGE",
            Edited(
                "Engineers are working on it: wind has torn down the overhead fibre, and the second path is flooded. "
                "We will provide an update by Wednesday, 2026-11-04 17:30 UTC.",
                (
                    (
                        "wed 16:41:00",
                        "Engineers are working on it: wind has torn down the overhead fibre, and the second path "
                        "stands under water. We will provide an update by Wednesday, 2026-11-04 17:30 UTC.",
                    ),
                ),
            ),
        ),
        CloudUpdate("wed 17:52:48", "SERVICE_OUTAGE", Edited("A crew has reached the second path and is splicing.")),
        CloudUpdate("wed 19:05:35", "AVAILABLE", Edited("Traffic flows over the second path.")),
        CloudUpdate(
            "fri 09:30:00",
            "AVAILABLE",
            Edited("Incident report. Root cause: both paths cross the same low ground. A third path is being leased."),
        ),
    ),
)
"""A storm's outage: told soon, one promise broken, its end moved by hand a day later."""

VOICE = CloudIncident(
    incident_id="9KxP5NRTvoice1108AAL",
    number="27481903355017426618",
    begin=Edited("sun 10:12"),
    end=Edited(None, (("sun 11:08:30", "sun 11:05"),)),
    severity="low",
    description="Caller names are missing on some calls.",
    product="Voice",
    location="eu-aalborg",
    updates=(
        CloudUpdate("sun 10:20:15", "SERVICE_INFORMATION", Edited("Some calls show no caller name.")),
        CloudUpdate("sun 10:45:00", "SERVICE_INFORMATION", Edited("We are working on the directory.")),
        CloudUpdate("sun 11:08:30", "AVAILABLE", Edited("Names are shown again.")),
    ),
)
"""Small, told in time, ended in time: nobody is paged."""

BOREALIS_INCIDENTS = (STORM_OUTAGE, VOICE)

BOREALIS_PROBES = (
    Failing(
        "WanDown", "Wide area network", "borealis-got1", "critical", "No route to Gothenburg.",
        "wed 15:21:10", "wed 19:02:20",
    ),
)  # fmt: skip

_COAST = ((58.9, 10.4), (58.9, 12.6), (56.6, 13.2), (56.6, 11.2), (58.9, 10.4))

EXERCISE = WeatherWarning(
    identifier="weather.example.2026-11-02.exercise",
    sent="mon 10:00:20",
    severity="Extreme",
    onset="mon 10:00",
    expires="mon 11:00",
    event="Storm",
    headline="EXERCISE: storm on the Kattegat coast",
    description="Monthly exercise. No weather is expected.",
    area="Kattegat coast",
    polygon=_COAST,
    status="Exercise",
)
"""Must be kept, and must not expose anybody."""

STORM = WeatherWarning(
    identifier="weather.example.2026-11-04.1",
    sent="wed 06:12",
    severity="Severe",
    onset="wed 12:00",
    expires="wed 23:00",
    event="Storm",
    headline="Storm on the Kattegat coast from noon",
    description="Wind from the west, 25 m/s in gusts, high water in the evening.",
    area="Kattegat coast",
    polygon=_COAST,
)
STORM_GROWS = WeatherWarning(
    identifier="weather.example.2026-11-04.2",
    sent="wed 13:05",
    severity="Extreme",
    onset="wed 12:00",
    expires="thu 02:00",
    event="Storm",
    headline="Storm on the Kattegat coast until night",
    description="Wind from the west, 33 m/s in gusts, high water until midnight.",
    area="Kattegat coast",
    polygon=_COAST,
    message_type="Update",
    replaces=STORM,
)
WARNINGS = (EXERCISE, STORM, STORM_GROWS)

_CHILLERS = ("nimbus-probes", "c5aab79442d9c304@2026-11-03T02:08:30Z")
_STORM = ("borealis-probes", "c38110ecd0aefb41@2026-11-04T15:21:10Z")
_SHELVES = ("nimbus-probes", "41bd2dc37988f3b3@2026-11-06T02:05:00Z")
ACKNOWLEDGED = (
    Acknowledged("tue 02:27:40", "nimbus", _CHILLERS, Side.CUSTOMER, "us-noc", "Our network operations centre"),
    Acknowledged("tue 05:31:30", "nimbus", _CHILLERS, Side.CUSTOMER, "us-noc", "Our network operations centre"),
    Acknowledged(
        "tue 05:20:05", "nimbus", _CHILLERS, Side.PROVIDER, "nimbus-service-manager", "Nimbus service manager"
    ),
    Acknowledged("tue 06:47:00", "nimbus", _CHILLERS, Side.CUSTOMER, "us-vendor-manager", "Our vendor manager"),
    Acknowledged("wed 18:29:30", "borealis", _STORM, Side.CUSTOMER, "us-continuity", "Our continuity manager"),
    Acknowledged("fri 02:33:10", "nimbus", _SHELVES, Side.PROVIDER, "nimbus-duty", "Nimbus duty desk"),
    Acknowledged("fri 02:41:00", "nimbus", _SHELVES, Side.CUSTOMER, "us-noc", "Our network operations centre"),
)
"""Whoever was paged takes it, by the link in the page; nobody is paged again then."""

NARRATION = (
    ("mon 00:00", "A quiet Monday. Nimbus has announced maintenance for Thursday night."),
    ("mon 10:00", "The weather service holds its monthly exercise: kept, and nobody is exposed by it."),
    ("tue 02:08:30", "Two chillers fail in Frankfurt. Our probes lose every virtual machine at Nimbus."),
    ("tue 02:23:30", "15 minutes have passed without a word from Nimbus: acknowledgement is breached."),
    ("tue 02:27:40", "Our network operations centre takes the page, by its link. Nimbus's clocks run on."),
    ("tue 02:52:14", "Nimbus's page says 'investigating', and that it began at 02:50."),
    ("tue 05:30:21", "Nimbus has now missed two hourly updates in a row."),
    ("tue 06:08:30", "Four hours down: restoration is breached."),
    ("tue 08:30:09", "Nimbus says that all hosts are up; our probes agree from 08:41."),
    ("tue 08:58:00", "The repaired chiller trips. Down again, within the contract's recurrence window."),
    ("tue 09:36:47", "Nimbus reopens its incident."),
    ("tue 13:04:30", "Our probes see all machines again, this time for good."),
    ("tue 15:30:18", "Nimbus calls it resolved."),
    ("tue 16:10:40", "Nimbus moves the begin on its page from 02:50 to 02:41."),
    ("wed 06:12", "A storm warning covers Borealis's Gothenburg site: exposed, and no clock runs for that."),
    ("wed 13:05", "The storm grows; the warning is replaced by a sharper one."),
    ("wed 15:21:10", "Gothenburg drops off the network. The outage is linked to the storm."),
    ("wed 15:33:20", "Borealis says so after twelve minutes and promises the next word by 16:30."),
    ("wed 17:52:48", "The next word was promised by 17:30 and came at 17:52."),
    ("wed 18:21:10", "Three hours down: Borealis's restoration is breached, storm or not."),
    ("wed 19:02:20", "Traffic flows again over a second path."),
    ("thu 02:00", "The storm is over and Borealis holds: all clear to everybody who was paged."),
    ("thu 10:00", "Borealis moves the end on its page from 19:02 to 18:30: by its own times it kept the promise."),
    ("thu 11:00:26", "Nimbus delivers its report on the chillers."),
    ("thu 22:03:08", "Nimbus's announced maintenance begins."),
    ("fri 02:05:00", "The announced window is over, and block storage is still slow: our probes say so."),
    ("fri 02:35:00", "30 minutes without a word: acknowledgement is breached."),
    ("fri 03:10:44", "Nimbus says that volumes answer slowly."),
    ("fri 04:28:10", "Block storage is at its usual speed again."),
    ("fri 09:30", "Borealis delivers its report on the storm."),
    ("sat 00:00", "A quiet Saturday."),
    ("sun 10:20:15", "A small fault in Borealis's voice service, told and mended in time: nobody is paged."),
    ("sun 23:20:30", "Nimbus says that snapshots are slow: told in time, and open when the story ends."),
)
"""(instant, what happens), for whoever watches the story play."""
