import { parseImageReference } from "../../../images/image-reference";

const SUM = `sha256:${"f".repeat(64)}`;

// The names that distribution/reference is tested with, and what they stand for there.
describe("parseImageReference", () => {
  it.each([
    ["fooo/bar", "docker.io", "fooo/bar", "latest"],
    ["docker.io/fooo/bar", "docker.io", "fooo/bar", "latest"],
    ["index.docker.io/fooo/bar", "docker.io", "fooo/bar", "latest"],
    ["ubuntu", "docker.io", "library/ubuntu", "latest"],
    ["library/ubuntu", "docker.io", "library/ubuntu", "latest"],
    ["docker.io/ubuntu", "docker.io", "library/ubuntu", "latest"],
    ["docker.io/library/ubuntu", "docker.io", "library/ubuntu", "latest"],
    ["index.docker.io/ubuntu", "docker.io", "library/ubuntu", "latest"],
    ["ubuntu-12.04-base", "docker.io", "library/ubuntu-12.04-base", "latest"],
    ["nonlibrary/ubuntu", "docker.io", "nonlibrary/ubuntu", "latest"],
    ["other/library", "docker.io", "other/library", "latest"],
    ["127.0.0.1:8000/private/moonbase", "127.0.0.1:8000", "private/moonbase", "latest"],
    ["127.0.0.1:8000/privatebase", "127.0.0.1:8000", "privatebase", "latest"],
    ["example.com/private/moonbase", "example.com", "private/moonbase", "latest"],
    ["example.com/privatebase", "example.com", "privatebase", "latest"],
    ["example.com:8000/private/moonbase", "example.com:8000", "private/moonbase", "latest"],
    ["example.com:8000/privatebasee:v1", "example.com:8000", "privatebasee", "v1"],
    ["localhost/foo", "localhost", "foo", "latest"],
    ["localhost:5000/foo:1", "localhost:5000", "foo", "1"],
    ["foo/foo/bar", "docker.io", "foo/foo/bar", "latest"],
    ["Uppercase/lowercase", "Uppercase", "lowercase", "latest"],
    ["[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000", "repo", "tag"],
    ["xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com", "myimage", "xn--n3h.com"],
    ["busybox:1.36", "docker.io", "library/busybox", "1.36"],
    [`busybox@${SUM}`, "docker.io", "library/busybox", SUM],
    [`busybox:latest@${SUM}`, "docker.io", "library/busybox", SUM],
    [`example.com:8000/a/b:1@${SUM}`, "example.com:8000", "a/b", SUM],
  ])("%s", (name, registry, repository, version) => {
    expect(parseImageReference(name)).toEqual({ registry, repository, version });
  });
});
