import { quietly, unordered, type Chapter } from './chapter';

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gadgets.k.example.com }
spec:
  group: k.example.com
  scope: Namespaced
  names: { plural: gadgets, singular: gadget, kind: Gadget, shortNames: [gd], categories: [toys, all] }
  versions:
    - name: v1
      served: true
      storage: true
      selectableFields: [{ jsonPath: .spec.colour }]
      additionalPrinterColumns:
        - { name: Colour, type: string, jsonPath: .spec.colour }
        - { name: Size, type: integer, jsonPath: .spec.size, priority: 1 }
        - { name: Since, type: date, jsonPath: .metadata.creationTimestamp }
      subresources: { status: {}, scale: { specReplicasPath: .spec.size, statusReplicasPath: .status.size } }
      schema:
        openAPIV3Schema:
          type: object
          description: Gadget is something small.
          properties:
            spec:
              type: object
              description: What is wanted.
              required: [colour]
              x-kubernetes-validations: [{ rule: 'self.size < 10', message: too large }]
              properties:
                colour: { type: string, enum: [red, blue], description: How it looks. }
                size: { type: integer, default: 1, minimum: 0, description: How large it is. }
                parts:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  items: { type: object, required: [name], properties: { name: { type: string }, count: { type: integer } } }
                notes: { type: object, additionalProperties: { type: string } }
                free: { type: object, x-kubernetes-preserve-unknown-fields: true }
            status: { type: object, properties: { size: { type: integer }, phase: { type: string } } }
    - name: v1beta1
      served: true
      storage: false
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`;

const gadget = (name: string, spec: string): string =>
  `apiVersion: k.example.com/v1\nkind: Gadget\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`;

/** Kinds that are made: explained, listed, applied, refused. */
export const customs: Chapter = {
  name: 'customs',
  alone: true,
  files: {
    'crd.yaml': CRD,
    'one.yaml': gadget('one', 'colour: red, parts: [{ name: a, count: 1 }], free: { x: { y: 1 } }'),
    'two.yaml': gadget('two', 'colour: blue, size: 3, notes: { a: b }'),
    'wrong.yaml': gadget('wrong', 'colour: green, size: -1'),
    'large.yaml': gadget('large', 'colour: red, size: 11'),
    'unknown.yaml': gadget('unknown', 'colour: red, color: red'),
    'twice.yaml': gadget('twice', 'colour: red, parts: [{ name: a }, { name: a }]'),
    'bad-crd.yaml': CRD.replace('name: gadgets.k.example.com', 'name: gadget.k.example.com'),
  },
  lines: [
    'kubectl apply -f bad-crd.yaml',
    'kubectl apply -f crd.yaml',
    'kubectl wait --for=condition=Established crd/gadgets.k.example.com --timeout=30s',
    'kubectl get crd gadgets.k.example.com --no-headers | cut -d" " -f1',
    // What clients read of a kind follows a moment later.
    quietly('until-says colour kubectl explain gadget.spec'),
    'kubectl api-resources --api-group=k.example.com',
    'kubectl api-resources --api-group=k.example.com -o wide',
    'kubectl api-resources --categories=toys -o name',
    'kubectl api-resources --verbs=list,get --namespaced=true --api-group=k.example.com --no-headers',
    'kubectl api-versions | grep k.example',
    'kubectl explain gadget',
    'kubectl explain gadget --recursive',
    'kubectl explain gadget.spec.parts',
    'kubectl explain gadget.spec.colour',
    'kubectl explain gadget.spec.none',
    'kubectl explain gadget.metadata.ownerReferences.uid',
    'kubectl explain gadget --api-version=k.example.com/v1beta1',
    'kubectl explain gadget --api-version=k.example.com/v3',
    'kubectl explain gadget.spec.notes',
    'kubectl explain gadget.spec --output=plaintext-openapiv2',
    'kubectl explain gadgets.k.example.com.status',
    'kubectl apply -f one.yaml -f two.yaml',
    'kubectl apply -f one.yaml',
    unordered('kubectl apply -f wrong.yaml'),
    'kubectl apply -f large.yaml',
    'kubectl apply -f unknown.yaml',
    'kubectl apply -f unknown.yaml --validate=warn --dry-run=server',
    'kubectl apply -f twice.yaml',
    'kubectl get gadgets',
    'kubectl get gd -o wide',
    'kubectl get toys -o name',
    'kubectl get gadgets.v1beta1.k.example.com',
    'kubectl get gadgets --field-selector=spec.colour=blue -o name',
    'kubectl get gadgets --field-selector=spec.size=3',
    'kubectl get gadget one -o yaml',
    'kubectl get gadget one -o yaml --show-managed-fields',
    'kubectl describe gadget one',
    `kubectl patch gadget one --type=merge -p '{"spec":{"size":2}}'`,
    `kubectl patch gadget one -p '{"spec":{"size":2}}'`,
    `kubectl patch gadget one --type=json -p '[{"op":"add","path":"/spec/notes","value":{"k":"v"}}]' -o jsonpath={.spec.notes}`,
    `kubectl patch gadget one --type=merge -p '{"spec":{"colour":null}}'`,
    `kubectl patch gadget one --subresource=status --type=merge -p '{"status":{"phase":"Done","size":2}}' -o jsonpath={.status}`,
    'kubectl scale gadget one --replicas=4',
    'kubectl scale gadget one --replicas=40',
    'kubectl get gadget one --subresource=scale',
    'kubectl get gadget one --subresource=scale -o jsonpath="{.spec} {.status}"',
    'kubectl get gadget one -o jsonpath="{.metadata.generation} {.spec.size} {.status}"',
    'kubectl wait --for=jsonpath={.status.phase}=Done gadget/one --timeout=5s',
    'kubectl apply --server-side -f one.yaml --field-manager=other',
    'kubectl set image gadget/one a=b',
    'kubectl rollout status gadget/one',
    'kubectl autoscale gadget one --max=3 --dry-run=server -o jsonpath={.spec.scaleTargetRef}',
    'kubectl label gadget one a=b',
    'kubectl edit gadget nobody',
    'kubectl create role k --verb=get --resource=gadgets --dry-run=client -o jsonpath={.rules}',
    'kubectl delete gadgets --all',
    'kubectl delete crd gadgets.k.example.com',
    'kubectl get gadgets',
  ],
};
