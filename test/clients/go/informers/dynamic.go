package main

import (
	"context"
	"fmt"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsclient "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/utils/ptr"

	"pilothouse/clients/report"
)

var gadgets = schema.GroupVersionResource{Group: "clients.test", Version: "v1", Resource: "gadgets"}

// dynamicInformers follows a custom resource by its whole objects and by its metadata alone.
func (c *cluster) dynamicInformers(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	remove := c.defineGadgets(ctx)
	defer remove()
	whole := dynamicinformer.NewFilteredDynamicSharedInformerFactory(c.dynamic, 0, namespace, nil)
	slim := metadatainformer.NewFilteredSharedInformerFactory(report.Need(metadata.NewForConfig(c.config)), 0, namespace, nil)
	objects, headers := follow(whole.ForResource(gadgets).Informer()), follow(slim.ForResource(gadgets).Informer())
	whole.Start(ctx.Done())
	slim.Start(ctx.Done())
	report.Saw("dynamic informer synced", whole.WaitForCacheSync(ctx.Done())[gadgets])
	report.Saw("metadata informer synced", slim.WaitForCacheSync(ctx.Done())[gadgets])

	client := c.dynamic.Resource(gadgets).Namespace(namespace)
	for i := range 3 {
		report.Need(client.Create(ctx, gadget(fmt.Sprint("gadget-", i), map[string]any{"size": int64(i)}), metav1.CreateOptions{}))
	}
	patched := report.Need(client.Patch(ctx, "gadget-1", types.MergePatchType, []byte(`{"spec":{"size":7}}`), metav1.PatchOptions{}))
	report.Saw("patched", patched.Object["spec"], "generation", patched.GetGeneration())
	patched.Object["status"] = map[string]any{"phase": "Done"}
	finished := report.Need(client.UpdateStatus(ctx, patched, metav1.UpdateOptions{}))
	report.Saw("status", finished.Object["status"], "generation", finished.GetGeneration())
	applied := report.Need(client.Apply(ctx, "gadget-2", gadget("gadget-2", map[string]any{"size": int64(9)}), metav1.ApplyOptions{FieldManager: "applier", Force: true}))
	report.Saw("applied", applied.Object["spec"], len(applied.GetManagedFields()), "managers")
	_, err := client.Create(ctx, gadget("too-big", map[string]any{"size": int64(101)}), metav1.CreateOptions{})
	report.Saw("refused", err)
	_, err = client.Create(ctx, gadget("no-number", map[string]any{"size": "big"}), metav1.CreateOptions{})
	report.Saw("refused", err)
	report.Must(client.Delete(ctx, "gadget-0", metav1.DeleteOptions{}), "deleting")
	objects.until(ctx, "3 added, 3 updated, 1 deleted")
	headers.until(ctx, "3 added, 3 updated, 1 deleted")
	report.Must(client.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "app=clients"}), "deleting all")
	objects.until(ctx, "3 added, 3 updated, 3 deleted")
}

func gadget(name string, spec map[string]any) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetAPIVersion("clients.test/v1")
	object.SetKind("Gadget")
	object.SetName(name)
	object.SetLabels(map[string]string{"app": "clients"})
	return object
}

// defineGadgets answers what takes the definition away again.
func (c *cluster) defineGadgets(ctx context.Context) func() {
	definitions := report.Need(apiextensionsclient.NewForConfig(c.config)).ApiextensionsV1().CustomResourceDefinitions()
	spec := apiextensions.JSONSchemaProps{Type: "object", Properties: map[string]apiextensions.JSONSchemaProps{
		"size":  {Type: "integer", Minimum: ptr.To(0.0), Maximum: ptr.To(100.0)},
		"color": {Type: "string", Default: &apiextensions.JSON{Raw: []byte(`"grey"`)}},
	}}
	status := apiextensions.JSONSchemaProps{Type: "object", Properties: map[string]apiextensions.JSONSchemaProps{"phase": {Type: "string"}}}
	report.Need(definitions.Create(ctx, &apiextensions.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "gadgets.clients.test"},
		Spec: apiextensions.CustomResourceDefinitionSpec{
			Group: gadgets.Group,
			Scope: apiextensions.NamespaceScoped,
			Names: apiextensions.CustomResourceDefinitionNames{Plural: "gadgets", Singular: "gadget", Kind: "Gadget", ShortNames: []string{"gd"}},
			Versions: []apiextensions.CustomResourceDefinitionVersion{{
				Name: gadgets.Version, Served: true, Storage: true,
				Schema: &apiextensions.CustomResourceValidation{OpenAPIV3Schema: &apiextensions.JSONSchemaProps{
					Type: "object", Properties: map[string]apiextensions.JSONSchemaProps{"spec": spec, "status": status},
				}},
				Subresources: &apiextensions.CustomResourceSubresources{Status: &apiextensions.CustomResourceSubresourceStatus{}},
			}},
		},
	}, metav1.CreateOptions{}))
	report.Until(ctx, "gadgets to be served", func() bool {
		one, err := definitions.Get(ctx, "gadgets.clients.test", metav1.GetOptions{})
		report.Must(err, "reading the definition")
		for _, condition := range one.Status.Conditions {
			if condition.Type == apiextensions.Established && condition.Status == apiextensions.ConditionTrue {
				_, err := c.dynamic.Resource(gadgets).Namespace(namespace).List(ctx, metav1.ListOptions{})
				return err == nil
			}
		}
		return false
	})
	return func() {
		report.Must(definitions.Delete(context.Background(), "gadgets.clients.test", metav1.DeleteOptions{}), "deleting the definition")
	}
}
