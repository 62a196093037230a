"""Ways to sign in at a real Keystone, and tokens that end while they are needed."""
import time

from checks import same
from operator_side import USER_PASSWORD, clouds_file
from person import Person

SECRET = "secret-of-the-credential"


def tell(stage):
    keystone = stage.cloud.urls["keystone"]
    person = Person(stage.binary, stage.folder / "signing", stage.configurations / "block", keystone)
    person.variables["keys"] = ["a", "b", "c", "d"]
    tokens_end(stage, person)
    other_ways(stage, person, keystone)
    with stage.step("destroying with a credential"):
        person.destroys(says=["Destroy complete! Resources: 5 destroyed."])


def tokens_end(stage, person):
    with stage.step("making snapshots while the token is revoked"):
        stage.storage(slow=2)
        before = len(stage.cloud.requests("cinder"))
        process = person.start("apply", "-input=false", "-auto-approve", "-parallelism=1")
        stage.cloud.until("the first two are there", lambda: see(stage) >= 2)
        stage.operator.revoke_tokens()
        # Keystone counts whole seconds, so a token of the same second would be revoked as well.
        time.sleep(1.1)
        stage.project.sign_in()
        said, _ = process.communicate(timeout=120)
        person.judge(said, process.returncode, ["apply"], says=["Resources: 4 added"])
        if not any('" 401 ' in line for line in stage.cloud.requests("cinder")[before:]):
            raise AssertionError("no token was refused, so nothing was tried")
        same(see(stage), 4)
        person.plans()
    with stage.step("deleting and making them with tokens that end soon"):
        usual = person.login["OS_AUTH_URL"]
        person.login["OS_AUTH_URL"] = stage.cloud.urls["keystone-short"]
        before = signed_in(stage)
        person.variables["prefix"] = "short-"
        person.destroys("-parallelism=1")
        person.applies("-parallelism=1", says=["Resources: 4 added"])
        person.login["OS_AUTH_URL"] = usual
        if (times := signed_in(stage) - before) < 4:
            raise AssertionError(f"tokens were fetched {times} times in two runs, and end too soon for that")
        stage.storage()
        person.plans()


def see(stage):
    return len(stage.project.snapshots())


def signed_in(stage):
    return (stage.cloud.folder / "keystone-short.log").read_text().count("POST /v3/auth/tokens")


def other_ways(stage, person, keystone):
    password = dict(person.login)
    with stage.step("signing in with an entry of clouds.yaml"):
        (person.folder / "clouds.yaml").write_text(clouds_file(keystone))
        person.login = {"OS_CLOUD": "real"}
        person.plans()
    with stage.step("naming a region that is not there"):
        person.login = {**password, "OS_REGION_NAME": "RegionTwo"}
        person.type("plan", "-input=false", ends_with=1, says=["the catalogue has the service in: `RegionOne`"])
    with stage.step("signing in with a wrong password"):
        person.login = {**password, "OS_PASSWORD": USER_PASSWORD + "!"}
        person.type("plan", "-input=false", ends_with=1, says=["refused user, password or project"])
    with stage.step("signing in with an application credential"):
        credential = stage.project.credential(stage.operator.user, SECRET)
        person.login = {
            "OS_AUTH_URL": keystone, "OS_APPLICATION_CREDENTIAL_ID": credential,
            "OS_APPLICATION_CREDENTIAL_SECRET": SECRET,
        }
        person.plans()
        person.variables["keys"] = [*person.variables["keys"], "e"]
        person.applies(says=["Resources: 1 added"])
