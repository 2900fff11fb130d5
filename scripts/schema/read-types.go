// Prints the type declarations of Go packages as JSON: one entry per package folder named on the command line.
// Used by generate.mjs; reads syntax only, so nothing is compiled or resolved.
package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

type fieldDecl struct {
	Name  string `json:"name,omitempty"`
	Type  string `json:"type"`
	JSON  string `json:"json"`
	Proto string `json:"proto,omitempty"`
	Patch string `json:"patch,omitempty"`
	Key   string `json:"key,omitempty"`
	Doc   string `json:"doc,omitempty"`
}

type typeDecl struct {
	Doc    string      `json:"doc,omitempty"`
	Type   string      `json:"type,omitempty"`
	Fields []fieldDecl `json:"fields,omitempty"`
}

type valueDecl struct {
	Name string `json:"name"`
	// `"Always"`, or `v1.IPv4Protocol` for a constant of another package.
	Value string `json:"value"`
	Doc   string `json:"doc,omitempty"`
}

type packageDecl struct {
	Types map[string]typeDecl `json:"types"`
	// The constants of a type, by its name.
	Values map[string][]valueDecl `json:"values"`
	// Values of constants by their own names.
	Constants map[string]string `json:"constants"`
	Imports   map[string]string `json:"imports"`
}

func main() {
	out := map[string]packageDecl{}
	for _, folder := range os.Args[1:] {
		out[folder] = readPackage(folder)
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}

func readPackage(folder string) packageDecl {
	decl := packageDecl{Types: map[string]typeDecl{}, Values: map[string][]valueDecl{}, Constants: map[string]string{}, Imports: map[string]string{}}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.Contains(filepath.Base(file), "generated") {
			continue
		}
		readFile(file, decl)
	}
	return decl
}

func readFile(path string, into packageDecl) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		panic(err)
	}
	for _, spec := range file.Imports {
		target := strings.Trim(spec.Path.Value, `"`)
		name := filepath.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		into.Imports[name] = target
	}
	for _, decl := range file.Decls {
		general, ok := decl.(*ast.GenDecl)
		if ok && general.Tok == token.CONST {
			readConstants(general, into)
		}
		if !ok || general.Tok != token.TYPE {
			continue
		}
		for _, spec := range general.Specs {
			named := spec.(*ast.TypeSpec)
			doc := named.Doc
			if doc == nil {
				doc = general.Doc
			}
			into.Types[named.Name.Name] = readType(named.Type, doc, leadingMarkers(file, general, doc))
		}
	}
}

// readConstants adds the values of constants such as `Always PullPolicy = "Always"` and `IPv4 = AddressType(v1.IPv4Protocol)`.
func readConstants(decl *ast.GenDecl, into packageDecl) {
	for _, spec := range decl.Specs {
		constant := spec.(*ast.ValueSpec)
		for i, value := range constant.Values {
			kind := constant.Type
			if call, ok := value.(*ast.CallExpr); ok && len(call.Args) == 1 {
				kind, value = call.Fun, call.Args[0]
			}
			named, ok := kind.(*ast.Ident)
			if !ok {
				continue
			}
			if text := types.ExprString(value); isText(value) {
				name := constant.Names[i].Name
				into.Constants[name] = text
				into.Values[named.Name] = append(into.Values[named.Name], valueDecl{Name: name, Value: text, Doc: constant.Doc.Text()})
			}
		}
	}
}

// isText is true of a string and of the name of a constant elsewhere.
func isText(value ast.Expr) bool {
	if literal, ok := value.(*ast.BasicLit); ok {
		return literal.Kind == token.STRING
	}
	_, ok := value.(*ast.SelectorExpr)
	return ok
}

// leadingMarkers returns the comment block that stands one empty line above a declaration: Kubernetes keeps +markers there.
func leadingMarkers(file *ast.File, decl *ast.GenDecl, doc *ast.CommentGroup) string {
	var previous *ast.CommentGroup
	for _, group := range file.Comments {
		if group == doc || group.Pos() >= decl.Pos() {
			break
		}
		previous = group
	}
	if previous == nil || !strings.Contains(previous.Text(), "+") {
		return ""
	}
	for _, other := range file.Decls {
		if other != decl && other.End() > previous.Pos() && other.Pos() < decl.Pos() {
			return ""
		}
	}
	var markers []string
	for _, line := range strings.Split(previous.Text(), "\n") {
		if strings.HasPrefix(line, "+") {
			markers = append(markers, line)
		}
	}
	return strings.Join(markers, "\n") + "\n"
}

func readType(expr ast.Expr, doc *ast.CommentGroup, markers string) typeDecl {
	structure, ok := expr.(*ast.StructType)
	if !ok {
		return typeDecl{Doc: markers + doc.Text(), Type: types.ExprString(expr)}
	}
	decl := typeDecl{Doc: markers + doc.Text(), Type: "struct"}
	for _, field := range structure.Fields.List {
		tag := reflect.StructTag("")
		if field.Tag != nil {
			tag = reflect.StructTag(strings.Trim(field.Tag.Value, "`"))
		}
		entry := fieldDecl{
			Type:  types.ExprString(field.Type),
			JSON:  tag.Get("json"),
			Proto: tag.Get("protobuf"),
			Patch: tag.Get("patchStrategy"),
			Key:   tag.Get("patchMergeKey"),
			Doc:   field.Doc.Text(),
		}
		if len(field.Names) > 0 {
			entry.Name = field.Names[0].Name
		}
		decl.Fields = append(decl.Fields, entry)
	}
	return decl
}
