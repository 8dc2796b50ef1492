package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sparky/bot"
	"sparky/internal/setting"
	"sparky/ours/githubactions"
	"sparky/ours/jira"
	"sparky/ours/newrelic"
	"sparky/ours/pager"
	"sparky/ours/statuspage"
	"sparky/partners"
	"sparky/partners/catalog"
)

// object is a JSON object; encoding/json writes its keys in order.
type object = map[string]any

// reached is what may stand anywhere: what ${NAME} stands for is not known to an editor.
const reached = `|\$\{`

// The forms of values that an editor can tell. Each has a ${NAME} beside it.
const (
	durationForm = `^(\d+d([0-9.]+(ns|us|µs|μs|ms|s|m|h))*|([0-9.]+(ns|us|µs|μs|ms|s|m|h))+)$`
	urlForm      = `^https?://[^\s/]`
	groupForm    = `^S[A-Z0-9]+$`
	repoForm     = `^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`
	hostForm     = `^\S+:\d+$`
	wordForm     = `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`
	channelForm  = `^#?[^A-Z\s#.,]+$|^[CGD][A-Z0-9]+$`
)

func fieldName(owner reflect.Type, field string) string { return owner.String() + "." + field }

// forms are those of single settings, by the struct's and the field's name.
func forms() map[string]string {
	return map[string]string{
		"bot.Config.APIURL": urlForm, "bot.Channels.Updates": channelForm, "bot.Channels.Alerts": channelForm,
		"bot.Roles.Operator": `^[SUW][A-Z0-9]+$`, "bot.Roles.Publisher": `^[SUW][A-Z0-9]+$`, "bot.Digest.At": `^([01]\d|2[0-3]):[0-5]\d$`,
		"store.Config.URL": `^sqlite:(//)?[^?#:]|^postgres(ql)?://`, "main.Config.Listen": `:\d+$`,
		"jira.Config.URL": urlForm, "jira.Config.Project": `^[A-Z][A-Z0-9_]+$`, "githubactions.Config.APIURL": urlForm,
		"statuspage.Config.APIURL": urlForm, "pager.Config.EventsURL": urlForm, "pager.Config.SlackGroup": groupForm,
		"newrelic.Config.GraphQLURL": urlForm, "newrelic.Config.EventsURL": urlForm, "newrelic.Alert.NRQL": `^\s*([Ss][Ee][Ll][Ee][Cc][Tt]|[Ff][Rr][Oo][Mm])`,
		"main.heartbeatConfig.URL": urlForm, "main.scheduleConfig.Jitter": `^([0-4]?[0-9](\.[0-9]*)?|50(\.0*)?)%$`,
		"partners.Breaker.Ratio": `^[0-9.]*[1-9][0-9.]*%$`, "jira.Config.IssueType": `.`, "main.triageConfig.Controls": urlForm,
		"partners.Partner.ID": wordForm, "partners.Owner.SlackGroup": groupForm, "partners.Source.URL": urlForm, "partners.Source.Repo": repoForm,
		"partners.StatusSource.URL": urlForm, "partners.ProbeConfig.ID": wordForm, "partners.ProbeConfig.Address": hostForm,
		"partners.ProbeConfig.BaseURL": `^https?://[^\s/?]+/?$`, "partners.HTTPStep.URL": urlForm, "partners.OAuth2.TokenURL": urlForm, "partners.Compat.Repo": repoForm,
	}
}

// bounds are the least and the most that numbers may be.
func bounds() map[string][2]int {
	return map[string][2]int{
		"main.triageConfig.RecoverAfter": {1, maxRecoverAfter}, "main.stormConfig.Above": {0, 1 << 30}, "partners.Resilience.Attempts": {1, 20},
		"partners.Breaker.Requests": {1, 1 << 30}, "partners.Expect.Status": {100, 599},
	}
}

// bothCases are words that may be written in capitals or in small letters.
func bothCases(words ...string) []string {
	for _, w := range slices.Clone(words) {
		words = append(words, strings.ToLower(w))
	}
	return words
}

// choices are the settings that hold one of some words.
func choices() map[string][]string {
	return map[string][]string{
		"partners.Partner.Isolation": {partners.IsolationProcess, partners.IsolationInline}, "partners.Partner.Catalog": catalog.IDs(),
		"partners.Source.Kind": partners.SourceKinds(), "partners.StatusSource.Kind": partners.StatusKinds(),
		"partners.ProbeConfig.Kind": partners.ProbeKinds(), "partners.ProbeConfig.Priority": partners.Priorities(),
		"partners.ProbeConfig.Type":  bothCases("A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT", "CAA"),
		"partners.HTTPStep.Method":   bothCases("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
		"statuspage.Config.Provider": {statuspage.ProviderStatuspage, statuspage.ProviderBuiltin},
		"statuspage.Config.Publish":  {statuspage.PublishAuto, statuspage.PublishApprove},
		"pager.Config.Provider":      {pager.ProviderPagerDuty, pager.ProviderSlack},
		"newrelic.Alert.Severity":    append([]string{newrelic.SeverityWarning}, partners.Priorities()...),
	}
}

func needs(keys ...string) object { return object{"required": keys} }

// oneOf wants exactly one of the keys.
func oneOf(keys ...string) object {
	var all []object
	for _, k := range keys {
		all = append(all, needs(k))
	}
	return object{"oneOf": all}
}

// where asks for more where a key has a value.
func where(key, value string, then object) object {
	return object{"if": object{"properties": object{key: object{"const": value}}, "required": []string{key}}, "then": then}
}

// rules are what a block needs beyond the form of each key, by its struct.
func rules() map[reflect.Type][]object {
	sent := object{"if": object{"required": []string{"body"}, "properties": object{"body": object{"minLength": 1}}},
		"then": object{"required": []string{"method"}, "properties": object{"method": object{"not": object{"enum": bothCases("GET", "HEAD")}}}}}
	probe := []object{needs("id", "kind"), {"properties": object{"save": false, "always": false}}, where("kind", partners.KindHTTP, oneOf("url", "steps")),
		where("kind", partners.KindHTTP, sent), where("kind", partners.KindHTTP, object{"properties": object{"expect": object{"type": []string{"object", "null"}}}}),
		where("kind", partners.KindDNS, object{"properties": object{"expect": object{"type": "array"}}})}
	for _, kind := range partners.ProbeKinds() {
		required, optional := partners.ProbeKeys(kind)
		foreign := object{}
		for _, other := range partners.ProbeKinds() {
			more, may := partners.ProbeKeys(other)
			for _, k := range append(more, may...) {
				if k != "auth" && k != "monitor" && !slices.Contains(required, k) && !slices.Contains(optional, k) {
					foreign[k] = false
				}
			}
		}
		if ways := partners.ProbeAuth(kind); len(ways) > 0 {
			var any []object
			for _, way := range ways {
				any = append(any, needs(way))
			}
			foreign["auth"] = object{"anyOf": any}
		}
		then := object{"properties": foreign}
		if len(required) > 0 {
			then["required"] = required
		}
		probe = append(probe, where("kind", kind, then))
	}
	source := []object{{"if": object{"not": needs("kind")}, "then": sourceOf(string(partners.SourceFeed))}}
	for _, kind := range partners.SourceKinds() {
		source = append(source, where("kind", kind, sourceOf(kind)))
	}
	none := object{"properties": object{"alerts": object{"maxItems": 0}}}
	return map[reflect.Type][]object{
		reflect.TypeFor[Config]():     {needs("slack", "partners")},
		reflect.TypeFor[bot.Config](): {needs("app_token", "bot_token")},
		reflect.TypeFor[jira.Config](): {needs("url", "token", "project"),
			{"if": object{"properties": object{"url": object{"pattern": `\.atlassian\.net(/|$)`}}}, "then": needs("user")}},
		reflect.TypeFor[githubactions.Config](): {oneOf("token", "app")},
		reflect.TypeFor[githubactions.App]():    {needs("id", "installation_id", "private_key")},
		reflect.TypeFor[statuspage.Config](): {{"if": object{"properties": object{"provider": object{"const": statuspage.ProviderStatuspage}}},
			"then": needs("page_id", "token")}},
		reflect.TypeFor[pager.Config](): {needs("provider"), where("provider", pager.ProviderPagerDuty, needs("routing_key")),
			where("provider", pager.ProviderSlack, needs("slack_group"))},
		reflect.TypeFor[newrelic.Config](): {needs("account_id"), {"anyOf": []object{needs("user_key"), {"required": []string{"license_key"}, "properties": none["properties"]}}}},
		reflect.TypeFor[newrelic.Alert]():  {needs("name", "partner", "nrql"), oneOf("above", "below")},
		reflect.TypeFor[heartbeatConfig](): {needs("url")},
		reflect.TypeFor[partners.Partner](): {{"anyOf": []object{needs("id"), needs("catalog")}},
			{"properties": object{"id": object{"not": object{"anyOf": []object{{"enum": bothCases(partners.ReservedIDs()...)}, {"pattern": durationForm}}}},
				"changelog": object{"uniqueItems": true}}},
			{"if": object{"not": needs("catalog")}, "then": object{"properties": object{"status": object{
				"if":   object{"required": []string{"kind"}, "properties": object{"kind": object{"not": object{"const": partners.StatusM365}}}},
				"then": needs("url")}}}}},
		reflect.TypeFor[partners.Source]():      source,
		reflect.TypeFor[partners.ProbeConfig](): probe,
		reflect.TypeFor[partners.HTTPStep]():    {needs("url"), sent},
		reflect.TypeFor[partners.Above]():       {needs("above", "over")},
		reflect.TypeFor[partners.Below]():       {needs("below", "over")},
		reflect.TypeFor[partners.Auth]():        {oneOf("basic", "bearer", "header", "oauth2")},
		reflect.TypeFor[partners.BasicAuth]():   {needs("user", "password")},
		reflect.TypeFor[partners.HeaderAuth]():  {needs("name", "value")},
		reflect.TypeFor[partners.OAuth2]():      {needs("token_url", "client_id", "client_secret")},
		reflect.TypeFor[partners.Compat]():      {needs("repo", "workflow")},
	}
}

// sourceOf is what a source of a kind needs, and may not have.
func sourceOf(kind string) object {
	required, optional := partners.SourceKeys(kind)
	foreign := object{}
	for _, other := range partners.SourceKinds() {
		more, may := partners.SourceKeys(other)
		for _, k := range append(more, may...) {
			if !slices.Contains(required, k) && !slices.Contains(optional, k) {
				foreign[k] = false
			}
		}
	}
	if len(required) == 0 {
		return object{"properties": foreign}
	}
	return object{"properties": foreign, "required": required}
}

// textForm is any text whose references are written as they must be.
const textForm = `^([^$]|\$[^{]|\$\{([A-Za-z_][A-Za-z0-9_]*|file:[^}]+)\})*\$?$`

// scalarSchema is the schema of one value, told by its type alone.
func scalarSchema(t reflect.Type) object {
	text := func(form string) object { return object{"type": "string", "pattern": form + reached} }
	switch {
	case t == reflect.TypeFor[setting.Duration]():
		return text(durationForm)
	case t == reflect.TypeFor[setting.Percent]():
		return text(`^[0-9.]+%$`)
	case t.Kind() == reflect.Bool:
		return object{"anyOf": []object{{"type": "boolean"}, text(`^([Tt]rue|False|false|TRUE|FALSE)$`)}}
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return object{"anyOf": []object{{"type": "integer"}, text(`^[+-]?\d+$`)}}
	case t.Kind() == reflect.Float64:
		return object{"anyOf": []object{{"type": "number"}, text(`^[+-]?[0-9.]+([eE][+-]?\d+)?$`)}}
	}
	return object{"type": []string{"string", "number", "boolean"}, "pattern": textForm} // a number without quotes is a text here
}

// value is the schema of a setting's value.
func (k key) value(t reflect.Type, required bool) object {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	many := func(name string) any {
		if required {
			return name
		}
		return []string{name, "null"}
	}
	switch {
	case k.inner != nil && t.Kind() == reflect.Slice:
		s := object{"type": many("array"), "items": k.inner.schema()}
		if required {
			s["minItems"] = 1
		}
		return s
	case k.inner != nil:
		s := k.inner.schema()
		if required {
			s["type"] = "object"
		}
		return s
	case !isScalar(t) && t.Kind() == reflect.Slice:
		s := object{"type": many("array"), "items": k.value(t.Elem(), false)}
		if k.owner == reflect.TypeFor[bot.Roles]() {
			s["minItems"] = 1
		}
		return s
	case !isScalar(t) && t.Kind() == reflect.Map:
		s := object{"type": many("object"), "additionalProperties": scalarSchema(t.Elem())}
		if k.owner == reflect.TypeFor[jira.Config]() {
			s["required"], s["propertyNames"] = partners.Priorities(), object{"enum": partners.Priorities()}
		}
		switch k.field.Name {
		case "Headers":
			s["propertyNames"] = object{"pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"}
		case "Inputs":
			s["propertyNames"] = object{"not": object{"enum": []string{"partner", "api_version", "request_id"}}}
		}
		return s
	}
	name := fieldName(k.owner, k.field.Name)
	s := scalarSchema(t)
	if form := forms()[name]; form != "" {
		s = object{"type": "string", "pattern": form + reached}
	}
	if b, ok := bounds()[name]; ok {
		s = object{"anyOf": []object{{"type": "integer", "minimum": b[0], "maximum": b[1]}, {"type": "string", "pattern": `^\d+$` + reached}}}
	}
	if words := choices()[name]; words != nil {
		s = object{"anyOf": []object{{"enum": words}, {"type": "string", "pattern": reached[1:]}}}
	}
	if required {
		s["minLength"] = 1
	}
	return s
}

// schema is the block's. Nothing may stand in it but its keys.
func (b *block) schema() object {
	needed := map[string]bool{}
	properties, extra := object{}, rules()[b.t]
	s := object{"type": []string{"object", "null"}, "additionalProperties": false}
	for _, rule := range extra {
		if keys, ok := rule["required"].([]string); ok && len(rule) == 1 {
			s["required"] = keys
			for _, k := range keys {
				needed[k] = true
			}
		} else {
			s["allOf"] = append(anyList(s["allOf"]), rule)
		}
	}
	for _, k := range b.keys {
		property := k.value(k.field.Type, needed[k.name])
		property["description"] = k.meaning
		if k.usual != "" && isScalar(k.field.Type) {
			property["default"] = k.usual
			if n, err := strconv.Atoi(k.usual); err == nil {
				property["default"] = n
			}
		}
		properties[k.name] = property
	}
	s["properties"] = properties
	if b.bare {
		return object{"anyOf": []object{s, {"type": "array", "items": scalarSchema(reflect.TypeFor[string]())}}}
	}
	return s
}

func anyList(v any) []object {
	list, _ := v.([]object)
	return list
}

// schemaOf is the whole schema, as it is written into the file.
func schemaOf(t *testing.T, root *block) []byte {
	t.Helper()
	s := root.schema()
	maps.Copy(s, object{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "sparky.yaml", "type": "object",
		"description": "The configuration of Sparky. sparky validate tells more than a schema can."})
	encoded, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(encoded, '\n')
}
