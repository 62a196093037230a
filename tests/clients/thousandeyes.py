"""`thousandeyes-sdk` at ThousandEyes, API v7: snapshots are made and never deleted."""
import datetime

from thousandeyes_sdk.core import ApiClient, Configuration
from thousandeyes_sdk.core.exceptions import BadRequestException, UnauthorizedException
from thousandeyes_sdk.snapshots import TestSnapshotsApi
from thousandeyes_sdk.snapshots.models import SnapshotRequest
from thousandeyes_sdk.tests import TestsApi

from life import live, refused, same

HOUR = datetime.timedelta(hours=1)


def story(life):
    def client(token):
        return ApiClient(Configuration(host=f"{life.url}/v7", access_token=token))

    ours = client(life.settings["bearer_token"])
    tests, snapshots = TestsApi(ours), TestSnapshotsApi(ours)
    end = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)

    def wanted(**others):
        usual = {"display_name": "before the upgrade", "start_date": end - HOUR, "end_date": end, "is_public": False}
        return SnapshotRequest(**{**usual, **others})

    with life.step("listing tests"):
        source = tests.get_tests().tests[0]
        same((source.saved_event, source.enabled), (False, True))
    with life.step("making a private snapshot"):
        made = snapshots.create_test_snapshot(source.test_id, wanted())
        same(
            (made.source_test_id, made.display_name, made.end_round_id - made.start_round_id),
            (source.test_id, "before the upgrade", 3600),
        )
        same(made.test.saved_event, True)
    with life.step("listing it as a saved event"):
        saved = [test for test in tests.get_tests().tests if test.saved_event]
        same((saved[-1].test_id, saved[-1].test_name), (made.test_id, "before the upgrade"))
    with life.step("making a public one, which is not listed"):
        shared = snapshots.create_test_snapshot(source.test_id, wanted(is_public=True))
        same(shared.id in shared.links.app_link.href, True)
        same(shared.test_id in [test.test_id for test in tests.get_tests().tests], False)
    with life.step("asking for a range that is not offered"):
        with refused(BadRequestException, "48 hours"):
            snapshots.create_test_snapshot(source.test_id, wanted(start_date=end - 3 * HOUR))
    with life.step("signing in with a wrong token"):
        with refused(UnauthorizedException):
            TestsApi(client("wrong")).get_tests()
    with life.step("comparing with the ledger"):
        same(life.ledger(made.test_id, shared.test_id), [("create", made.test_id), ("create", shared.test_id)])


live("thousandeyes", "thousandeyes-sdk-snapshots", story)
