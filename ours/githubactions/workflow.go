package githubactions

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// workflowFile is what of a workflow's file decides whether Sparky can start it and find its run
// (docs.github.com, "Workflow syntax for GitHub Actions").
type workflowFile struct {
	runName string
	started bool // it has workflow_dispatch
	inputs  map[string]workflowInput
}

type workflowInput struct {
	Required bool `yaml:"required"`
	Default  any  `yaml:"default"`
}

// readWorkflow reads the file. Its error is for people.
func readWorkflow(document []byte) (workflowFile, error) {
	var top struct {
		RunName string    `yaml:"run-name"`
		On      yaml.Node `yaml:"on"`
	}
	if err := yaml.Unmarshal(document, &top); err != nil {
		return workflowFile{}, errors.New("the workflow's file is not one that GitHub could read as YAML")
	}
	file := workflowFile{runName: top.RunName}
	switch top.On.Kind {
	case yaml.ScalarNode:
		file.started = top.On.Value == dispatchEvent
	case yaml.SequenceNode:
		file.started = slices.ContainsFunc(top.On.Content, func(n *yaml.Node) bool { return n.Value == dispatchEvent })
	case yaml.MappingNode:
		var events map[string]yaml.Node
		if err := top.On.Decode(&events); err != nil {
			return workflowFile{}, errors.New("the workflow's file has an on: that Sparky cannot read")
		}
		event, ok := events[dispatchEvent]
		file.started = ok
		if event.Kind != yaml.MappingNode {
			break
		}
		var dispatch struct {
			Inputs map[string]workflowInput `yaml:"inputs"`
		}
		if err := event.Decode(&dispatch); err != nil {
			return workflowFile{}, errors.New("the workflow's file has inputs that Sparky cannot read")
		}
		file.inputs = dispatch.Inputs
	}
	return file, nil
}

const dispatchEvent = "workflow_dispatch"

// namesRequest finds the input request_id in an expression, by either of its names.
var namesRequest = regexp.MustCompile(`\$\{\{(?:[^}]|\}[^}])*?\binputs\.request_id\b`)

// ourInputs are those that every run is started with.
func ourInputs() []string { return []string{"partner", "api_version", "request_id"} }

// lacks is what keeps Sparky from starting the workflow with its own inputs and the configured ones, or from finding its
// run, and the mend; empty where nothing does.
func (f workflowFile) lacks(configured []string) (problem, mend string) {
	if !f.started {
		return "the workflow has no workflow_dispatch, so that nobody can start it", "add on: workflow_dispatch: with the inputs partner, api_version and request_id"
	}
	sent := append(ourInputs(), configured...)
	var unknown, wanting []string
	for _, name := range sent {
		if _, ok := f.inputs[name]; !ok && !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
	}
	for name, input := range f.inputs {
		if input.Required && input.Default == nil && !slices.Contains(sent, name) {
			wanting = append(wanting, name)
		}
	}
	slices.Sort(wanting)
	switch {
	case len(unknown) > 0:
		return fmt.Sprintf("its workflow_dispatch has no input %s, and GitHub refuses one that it does not know", strings.Join(unknown, ", ")),
			"add what is missing under on: workflow_dispatch: inputs:"
	case len(wanting) > 0:
		return "it requires the input " + strings.Join(wanting, ", ") + ", which is not sent", "give it in compat.inputs"
	case !namesRequest.MatchString(f.runName):
		return "its run-name does not hold request_id, by which Sparky finds the run", "add [${{ inputs.request_id }}] to the run-name"
	}
	return "", ""
}
