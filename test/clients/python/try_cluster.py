"""Uses a cluster as scripts written with the official Python client do, and prints what it saw."""

import re
import sys
import threading
import time

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import portforward, stream

NAMESPACE = "python"
PATIENCE = 60


def saw(what, *values):
    line = f"{what}: " + " ".join(str(value) for value in values)
    line = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID", line)
    print(line.replace("\n", "\\n"))


def until(what, holds):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"waited for: {what}")
        time.sleep(0.05)


def refused(what, call):
    try:
        call()
        sys.exit(f"{what} was not refused")
    except ApiException as refusal:
        message = re.search(r'"message":"((?:[^"\\]|\\.)*)"', refusal.body or "")
        saw(what, refusal.status, refusal.reason, message.group(1) if message else refusal.body)


def metadata(name, **more):
    return client.V1ObjectMeta(name=name, **more)


def config_map(name, **data):
    return client.V1ConfigMap(metadata=metadata(name, labels={"app": "python"}), data=data)


def watches(core):
    """A watch from the revision of a list sees what is written after it, in order, and ends when it is told."""
    for number in range(5):
        core.create_namespaced_config_map(NAMESPACE, config_map(f"one-{number}", number=str(number)))
    listed = core.list_namespaced_config_map(NAMESPACE, label_selector="app=python", limit=2)
    saw("page", len(listed.items), bool(listed.metadata._continue), listed.metadata.remaining_item_count)
    listed = core.list_namespaced_config_map(NAMESPACE, label_selector="app=python")
    saw("list", [item.metadata.name for item in listed.items])

    def write():
        core.patch_namespaced_config_map("one-0", NAMESPACE, {"data": {"changed": "yes"}})
        core.create_namespaced_config_map(NAMESPACE, config_map("one-5"))
        core.delete_namespaced_config_map("one-1", NAMESPACE)

    writer = threading.Timer(0.3, write)
    writer.start()
    follower = watch.Watch()
    events = follower.stream(
        core.list_namespaced_config_map,
        NAMESPACE,
        label_selector="app=python",
        resource_version=listed.metadata.resource_version,
        timeout_seconds=30,
    )
    for count, event in enumerate(events, 1):
        saw("event", event["type"], event["object"].metadata.name, sorted((event["object"].data or {}).items()))
        if count == 3:
            follower.stop()
    writer.join()
    ended = time.monotonic()
    rest = list(watch.Watch().stream(core.list_namespaced_config_map, NAMESPACE, timeout_seconds=1, resource_version=listed.metadata.resource_version))
    saw("a watch of a second", len(rest), 0.5 < time.monotonic() - ended < 5)


def refusals(core, api):
    refused("not found", lambda: core.read_namespaced_pod("nobody", NAMESPACE))
    refused("exists", lambda: core.create_namespaced_config_map(NAMESPACE, config_map("one-0")))
    refused("invalid", lambda: core.create_namespaced_config_map(NAMESPACE, config_map("Bad_Name")))
    stale = core.read_namespaced_config_map("one-0", NAMESPACE)
    core.patch_namespaced_config_map("one-0", NAMESPACE, {"data": {"later": "1"}})
    refused("conflict", lambda: core.replace_namespaced_config_map("one-0", NAMESPACE, stale))
    refused("bad selector", lambda: core.list_namespaced_config_map(NAMESPACE, label_selector="a=b=c"))
    refused("unknown path", lambda: client.CustomObjectsApi(api).list_cluster_custom_object("nothing.test", "v1", "things"))
    api.set_default_header("Impersonate-User", "somebody")
    refused("forbidden", lambda: core.list_namespaced_secret(NAMESPACE))
    del api.default_headers["Impersonate-User"]


def applies(api):
    """Server-side apply through the dynamic client, and documents through utils."""
    resources = dynamic.DynamicClient(api).resources.get(api_version="apps/v1", kind="Deployment")
    wanted = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": NAMESPACE},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]},
            },
        },
    }
    applied = resources.server_side_apply(body=wanted, name="web", namespace=NAMESPACE, field_manager="python")
    saw("applied", applied.metadata.generation, [entry.operation for entry in applied.metadata.managedFields])
    wanted["spec"]["replicas"] = 1
    try:
        resources.server_side_apply(body=wanted, name="web", namespace=NAMESPACE, field_manager="other")
    except ApiException as conflict:
        saw("apply conflict", conflict.status, re.search(r'"message":"((?:[^"\\]|\\.)*)"', conflict.body.decode() if isinstance(conflict.body, bytes) else conflict.body).group(1))
    forced = resources.server_side_apply(body=wanted, name="web", namespace=NAMESPACE, field_manager="other", force_conflicts=True)
    saw("forced", forced.spec.replicas)
    made = utils.create_from_dict(api, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}, namespace=NAMESPACE)
    saw("service", made[0].spec.type, made[0].spec.ports[0].target_port, made[0].spec.session_affinity)


def rolls_out(apps, core):
    until("the Deployment", lambda: apps.read_namespaced_deployment("web", NAMESPACE).status.available_replicas == 1)
    apps.patch_namespaced_deployment_scale("web", NAMESPACE, {"spec": {"replicas": 3}})
    until("three Pods", lambda: apps.read_namespaced_deployment("web", NAMESPACE).status.ready_replicas == 3)
    scale = apps.read_namespaced_deployment_scale("web", NAMESPACE)
    saw("scale", scale.spec.replicas, scale.status.replicas, scale.status.selector)
    pods = core.list_namespaced_pod(NAMESPACE, label_selector="app=web", field_selector="status.phase=Running").items
    saw("pods", len(pods), {pod.status.qos_class for pod in pods}, {pod.spec.service_account_name for pod in pods})
    slices = client.DiscoveryV1Api(core.api_client)
    until(
        "endpoints",
        lambda: [len(one.endpoints or []) for one in slices.list_namespaced_endpoint_slice(NAMESPACE).items] == [3],
    )
    saw("endpoints", 3)


def reviews(core, api):
    token = core.create_namespaced_service_account_token(
        "default", NAMESPACE, client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=600))
    )
    review = client.AuthenticationV1Api(api).create_token_review(client.V1TokenReview(spec=client.V1TokenReviewSpec(token=token.status.token)))
    saw("token", review.status.authenticated, review.status.user.username)
    attributes = client.V1ResourceAttributes(namespace=NAMESPACE, verb="create", resource="pods")
    access = client.AuthorizationV1Api(api).create_self_subject_access_review(
        client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes))
    )
    saw("access", access.status.allowed)


def streams(core):
    """What only Pods that run for real can show; every expectation stands here."""
    pod = core.list_namespaced_pod(NAMESPACE, label_selector="app=web").items[0].metadata.name
    call = core.connect_get_namespaced_pod_exec
    answer = stream(call, pod, NAMESPACE, command=["sh", "-c", "echo hello"], stdout=True, stderr=True, stdin=False, tty=False)
    assert answer == "hello\n", f"exec answered {answer!r}"
    shell = stream(call, pod, NAMESPACE, command=["sh"], stdout=True, stderr=True, stdin=True, tty=False, _preload_content=False)
    shell.write_stdin("echo $((6 * 7))\nexit 4\n")
    shell.run_forever(timeout=20)
    assert shell.read_stdout() == "42\n", "the shell did not answer 42"
    assert shell.returncode == 4, f"the shell ended with {shell.returncode}"
    forward = portforward(core.connect_get_namespaced_pod_portforward, pod, NAMESPACE, ports="80")
    socket = forward.socket(80)
    socket.setblocking(True)
    socket.sendall(b"GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n")
    page = b""
    while part := socket.recv(4096):
        page += part
    assert page.startswith(b"HTTP/1.1 200 OK") and b"nginx" in page, f"the port answered {page[:80]!r}"
    assert forward.error(80) is None, forward.error(80)
    log = core.read_namespaced_pod_log(pod, NAMESPACE, tail_lines=5)
    assert log.strip(), "the log is empty"


def main(kubeconfig, is_live):
    api = config.new_client_from_config(kubeconfig)
    core, apps = client.CoreV1Api(api), client.AppsV1Api(api)
    core.create_namespace(client.V1Namespace(metadata=metadata(NAMESPACE)))
    saw("version", client.VersionApi(api).get_code().minor)
    until("the account", lambda: core.list_namespaced_service_account(NAMESPACE).items)
    watches(core)
    refusals(core, api)
    applies(api)
    rolls_out(apps, core)
    reviews(core, api)
    if is_live:
        streams(core)
    core.delete_namespace(NAMESPACE)
    until("the namespace to go", lambda: NAMESPACE not in [item.metadata.name for item in core.list_namespace().items])
    saw("namespace", "gone")


main(sys.argv[1], "--live" in sys.argv)
