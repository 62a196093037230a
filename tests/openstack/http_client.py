"""Plain HTTP with a token: no client of the vendor's stands between a test and the servers."""
import json
import urllib.error
import urllib.request


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text}")
        self.status = status


class Caller:
    """Requests to one address, with a token where there is one."""

    def __init__(self, base, token=None, timeout=60):
        self.base, self.token, self.timeout = base, token, timeout

    def send(self, method, path, body=None):
        """The headers and the body of an answer that is a success."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["X-Auth-Token"] = self.token
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                text = answer.read()
                return answer.headers, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode(errors="replace")) from error

    def answers(self):
        """Whether anything answers here, whatever it says."""
        try:
            self.send("GET", "/")
        except Refused:
            return True
        except OSError:
            return False
        return True

    def get(self, path):
        return self.send("GET", path)[1]

    def post(self, path, body):
        return self.send("POST", path, body)[1]

    def put(self, path, body):
        return self.send("PUT", path, body)[1]

    def patch(self, path, body):
        return self.send("PATCH", path, body)[1]

    def delete(self, path):
        return self.send("DELETE", path)[1]


def sign_in(keystone, user, password, project):
    """A token and the project's id."""
    domain = {"name": "Default"}
    body = {"auth": {
        "identity": {
            "methods": ["password"], "password": {"user": {"name": user, "domain": domain, "password": password}},
        },
        "scope": {"project": {"name": project, "domain": domain}},
    }}
    headers, answer = Caller(keystone).send("POST", "/v3/auth/tokens?nocatalog", body)
    return headers["X-Subject-Token"], answer["token"]["project"]["id"]
