import type { Seed } from './seed';

const BOX = 'kubectl exec box --';

/** Rows 10 to 14, 16 and 27: Services, names, Ingress, forwards, settings, registries and probes. */
export const network: readonly Seed[] = [
  {
    row: 10,
    title: 'Service: ClusterIP, headless, NodePort, LoadBalancer, ExternalName, without a selector',
    rate: 5,
    steps: [
      {
        run: 'kubectl create deployment web --image=registry.k8s.io/e2e-test-images/agnhost:2.53 --replicas=3 -- /agnhost netexec --http-port=8080',
        shows: /created/,
      },
      { run: 'kubectl run box --image=curlimages/curl --command -- sleep 100000', shows: /created/ },
      { run: 'kubectl rollout status deployment/web', shows: /successfully rolled out/ },
      { run: 'kubectl wait --for=condition=Ready pod/box --timeout=60s', shows: /condition met/ },
      { run: 'kubectl expose deployment web --port=80 --target-port=8080', shows: /exposed/ },
      { run: `${BOX} curl -s web/hostname`, shows: /^web-/, until: true },
      { run: `${BOX} nslookup web`, shows: /web\.default\.svc\.cluster\.local/ },
      { run: 'kubectl get endpointslices -l kubernetes.io/service-name=web', shows: /8080/ },
      { run: 'kubectl expose deployment web --name=headless --cluster-ip=None --port=8080', shows: /exposed/ },
      { run: `${BOX} nslookup headless`, shows: /headless\.default\.svc\.cluster\.local[\s\S]*10\.244/, until: true },
      { run: 'kubectl expose deployment web --name=node-port --type=NodePort --port=8080', shows: /exposed/ },
      {
        run: `${BOX} curl -s $(kubectl get node node-2 -o jsonpath={.status.addresses[0].address}):$(kubectl get service node-port -o jsonpath={.spec.ports[0].nodePort})/hostname`,
        shows: /^web-/,
        until: true,
      },
      {
        say: 'And from this computer, at the same port.',
        run: 'curl -s localhost:$(kubectl get service node-port -o jsonpath={.spec.ports[0].nodePort})/hostname',
        shows: /^web-/,
        until: true,
      },
      {
        run: 'kubectl expose deployment web --name=balanced --type=LoadBalancer --port=80 --target-port=8080',
        shows: /exposed/,
      },
      {
        run: 'kubectl create service externalname away --external-name=web.default.svc.cluster.local',
        shows: /created/,
      },
      { run: `${BOX} curl -s away/hostname`, shows: /^web-/, until: true },
      {
        say: 'Clients stay with their Pod when the Service keeps them there.',
        run: `kubectl patch service web -p '{"spec":{"sessionAffinity":"ClientIP"}}'`,
        shows: /patched/,
      },
      {
        run: `${BOX} sh -c 'for i in 1 2 3 4 5 6; do curl -s web/hostname; echo; done | sort -u | wc -l'`,
        shows: /^\s*1$/m,
        until: true,
      },
      { run: 'kubectl apply -f no-selector.yaml', shows: /created/ },
      { run: 'kubectl describe service outside', shows: /192\.0\.2\.42:9376/, until: true },
    ],
  },
  {
    row: 11,
    title: 'Ingress: host and path rules, rewrite-target, TLS',
    rate: 5,
    steps: [
      {
        run: 'kubectl create deployment web --image=registry.k8s.io/e2e-test-images/agnhost:2.53 -- /agnhost netexec --http-port=8080',
        shows: /created/,
      },
      { run: 'kubectl expose deployment web --port=80 --target-port=8080', shows: /exposed/ },
      { run: 'kubectl run box --image=curlimages/curl --command -- sleep 100000', shows: /created/ },
      { run: 'kubectl rollout status deployment/web', shows: /successfully rolled out/ },
      { run: 'kubectl wait --for=condition=Ready pod/box --timeout=60s', shows: /condition met/ },
      {
        run: 'kubectl -n ingress-nginx rollout status deployment/ingress-nginx-controller --timeout=60s',
        shows: /successfully rolled out/,
      },
      { run: 'kubectl apply -f ingress.yaml', shows: /ingress\S* created/ },
      {
        run: `${BOX} curl -s -H "Host: shop.example.com" ingress-nginx-controller.ingress-nginx/api/hostname`,
        shows: /^web-/,
        until: true,
      },
      {
        run: `${BOX} curl -s -H "Host: other.example.com" ingress-nginx-controller.ingress-nginx/`,
        shows: /404 Not Found/,
      },
      {
        say: 'The controller answers on this computer too, at its node port.',
        run: 'curl -s -H "Host: shop.example.com" localhost:32080/api/hostname',
        shows: /^web-/,
      },
      { run: 'kubectl get ingress shop', shows: /shop\.example\.com/ },
    ],
  },
  {
    row: 12,
    title: 'port-forward: many ports at once',
    steps: [
      { run: 'kubectl run web --image=nginx', shows: /created/ },
      { run: 'kubectl run cache --image=redis', shows: /created/ },
      { run: 'kubectl wait --for=condition=Ready pod/web pod/cache --timeout=60s', shows: /condition met/ },
      {
        run: 'kubectl port-forward pod/web 18081:80 18082:80 >/dev/null & trap "kill $!" EXIT; for i in $(seq 50); do curl -sf localhost:18081 >/dev/null && break; sleep 0.1; done; curl -s localhost:18081; curl -s localhost:18082',
        shows: /Welcome to nginx![\s\S]*Welcome to nginx!/,
      },
      {
        run: 'kubectl port-forward pod/cache 16379:6379 >/dev/null & trap "kill $!" EXIT; for i in $(seq 50); do (echo > /dev/tcp/localhost/16379) 2>/dev/null && break; sleep 0.1; done; exec 3<>/dev/tcp/localhost/16379; printf "PING\\r\\n" >&3; head -n1 <&3',
        shows: /\+PONG/,
      },
    ],
  },
  {
    row: 13,
    title: 'ConfigMap and Secret: variables, arguments, files that follow their source',
    rate: 10,
    steps: [
      {
        run: 'kubectl create configmap settings --from-literal=MODE=blue --from-literal=app.conf=level=1',
        shows: /created/,
      },
      {
        run: 'kubectl create secret generic login --from-literal=user=admin --from-literal=password=s3cret',
        shows: /created/,
      },
      { run: 'kubectl apply -f settings.yaml', shows: /created/ },
      { run: 'kubectl wait --for=condition=Ready pod/app --timeout=60s', shows: /condition met/ },
      { run: 'kubectl logs app', shows: /mode blue user admin/ },
      { run: 'kubectl exec app -- cat /config/app.conf', shows: /^level=1/ },
      { run: 'kubectl exec app -- ls /secret', shows: [/password/, /user/] },
      {
        run: 'kubectl exec app -- ls /var/run/secrets/kubernetes.io/serviceaccount',
        shows: [/ca\.crt/, /namespace/, /token/],
      },
      { run: 'kubectl exec app -- sh -c "echo x > /config/app.conf"', shows: /Read-only file system/, fails: true },
      { run: `kubectl patch configmap settings -p '{"data":{"app.conf":"level=2"}}'`, shows: /patched/ },
      {
        say: 'About a minute later the file has changed too.',
        run: 'kubectl exec app -- cat /config/app.conf',
        shows: /^level=2/,
        until: true,
      },
      { run: `kubectl patch configmap settings -p '{"immutable":true}'`, shows: /patched/ },
      {
        run: `kubectl patch configmap settings -p '{"data":{"MODE":"red"}}'`,
        shows: /field is immutable when `immutable` is set/,
        fails: true,
      },
    ],
  },
  {
    row: 14,
    title: 'imagePullSecrets: a private registry, missing tags, limits',
    rate: 10,
    steps: [
      { run: 'kubectl run secretless --image=harbor.internal/team/app:1.0', shows: /created/ },
      { run: 'kubectl get pod secretless', shows: /ImagePullBackOff/, until: true },
      { run: 'kubectl describe pod secretless', shows: /no basic auth credentials/ },
      {
        run: 'kubectl create secret docker-registry harbor --docker-server=harbor.internal --docker-username=admin --docker-password=Harbor12345',
        shows: /created/,
      },
      {
        run: `kubectl run allowed --image=harbor.internal/team/app:1.0 --overrides='{"spec":{"imagePullSecrets":[{"name":"harbor"}]}}'`,
        shows: /created/,
      },
      { run: 'kubectl get pod allowed', shows: /1\/1 +Running/, until: true },
      { run: 'kubectl run typo --image=nginx:nope', shows: /created/ },
      { run: 'kubectl get pod typo', shows: /ErrImagePull|ImagePullBackOff/, until: true },
      { run: 'kubectl describe pod typo', shows: /not found/ },
      { run: 'kubectl run limited --image=ratelimited/app', shows: /created/ },
      { run: 'kubectl describe pod limited', shows: /toomanyrequests/, until: true },
    ],
  },
  {
    row: 16,
    title: 'Probes: liveness, readiness, startup; exec, http, tcp, grpc',
    rate: 10,
    steps: [
      { run: 'kubectl apply -f probes.yaml', shows: /created/ },
      { run: 'kubectl get pod liveness-exec', shows: /Running +[1-9]/, until: true },
      {
        run: 'kubectl describe pod liveness-exec',
        shows: [/Liveness probe failed: cat: /, /failed liveness probe, will be restarted/],
      },
      { run: 'kubectl get pod liveness-http', shows: /Running +[1-9]/, until: true },
      { run: 'kubectl describe pod liveness-http', shows: /HTTP probe failed with statuscode: 500/ },
      { run: 'kubectl get pod grpc', shows: /1\/1 +Running +0/, until: true },
      { run: 'kubectl get pod tcp', shows: /1\/1 +Running +0/, until: true },
      { run: 'kubectl get pod unready', shows: /0\/1 +Running/ },
      {
        run: 'kubectl describe pod unready',
        shows: /Readiness probe failed: HTTP probe failed with statuscode: 404/,
        until: true,
      },
      { run: 'kubectl exec unready -- sh -c "echo ok > /usr/share/nginx/html/ready"' },
      { run: 'kubectl get pod unready', shows: /1\/1 +Running/, until: true },
    ],
  },
  {
    row: 27,
    title: 'DNS, service discovery and the API from inside',
    rate: 5,
    steps: [
      { run: 'kubectl create deployment web --image=nginx', shows: /created/ },
      { run: 'kubectl expose deployment web --port=80', shows: /exposed/ },
      {
        run: 'kubectl create clusterrolebinding view --clusterrole=view --serviceaccount=default:default',
        shows: /created/,
      },
      { run: 'kubectl run box --image=curlimages/curl --command -- sleep 100000', shows: /created/ },
      { run: 'kubectl wait --for=condition=Ready pod/box --timeout=60s', shows: /condition met/ },
      {
        run: `${BOX} cat /etc/resolv.conf`,
        shows: [/search default\.svc\.cluster\.local/, /nameserver 10\.96\.0\.10/],
      },
      { run: `${BOX} nslookup web.default.svc.cluster.local`, shows: /10\.96/ },
      { run: `${BOX} env`, shows: [/WEB_SERVICE_HOST=10\.96/, /KUBERNETES_SERVICE_PORT=443/] },
      {
        run: `${BOX} sh -c 'cd /var/run/secrets/kubernetes.io/serviceaccount; curl -s --cacert ca.crt -H "Authorization: Bearer $(cat token)" https://kubernetes.default/api/v1/namespaces/default/endpoints/web'`,
        shows: /"kind": ?"Endpoints"/,
        until: true,
      },
      {
        run: `${BOX} sh -c 'cd /var/run/secrets/kubernetes.io/serviceaccount; curl -s --cacert ca.crt -H "Authorization: Bearer $(cat token)" https://kubernetes.default/api/v1/secrets'`,
        shows: /secrets is forbidden/,
      },
    ],
  },
];
