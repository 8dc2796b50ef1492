package changes

// plainCues are the everyday ways to say that something changes for its callers: what is asked of them, what a value or
// an address becomes, what gets less.
func plainCues() []cue {
	const says = signal(Breaking)
	return concat(
		cues(says, 4, 0, `
			or newer|later|higher|above .2 required|needed
			chang* .8 to be .1 required|nullable|mandatory|expandable
			response|result|payload|body is|are now a|an
			shape|format|structure|schema|layout .7 is|are|be different
			url|urls|hostname|hostnames|path|paths|host|hosts .3 changed|changes|changing|moved
			host|domain name|names .3 changed|changes|changing|moved
			update|change|adapt your .2 integration|integrations|code|clients|scripts|applications to .1 use|avoid|point|call|send|handle|the
			is|are now limited|capped|restricted to
			tokens|keys|links|sessions|credentials|secrets|passwords .1 will|now .1 expire
			payload|payloads|response|responses|event|events|webhooks omit|omits|drop|drops|lose|loses
			new .3 scope|permission|header|parameter .1 is|are required
			release|version|update|this|it changes how
			is|are now strict|stricter
			will|we're|we|are .1 rotate|rotating|renew|renewing|replace|replacing .4 certificate|certificates`),
		cues(says, 4, afterName, `
			is|are now a|an string|number|integer|boolean|object|array|list|float|enum|uuid
			is|are a|an string|number|integer|boolean|object|array|list|float|enum|uuid now`),
		cues(says, 4, ontoName, `
			^ moved|move .2 to
			has|have|was|were moved to
			^ replaced|replace .3 with|by
			is|are|was|been|be replaced with|by`),
		cues(says, 4, inItem, `
			^ require|requires .8 for|on|in all|every
			^ require|requires node|python|php|java|ruby|go|tls|pkce|https|authentication|signatures`),
		cues(says, 4, withThing, `
			now needs|need the|a|an`),
		cues(says, 4, withDate, `
			you|customers|developers|users|integrators|clients|partners have until
			migrate|upgrade|switch|move to .5 before|by
			will be .1 returned|sent|formatted|encoded|delivered|expressed in|as|with`),
	)
}

// plainEndCues are the everyday ways to say that something goes, or is let go.
func plainEndCues() []cue {
	return concat(
		cues(signal(Removal), 4, 0, `
			shuts down|off
			turn|turning down the|our|all
			support for .4 removed|dropped $
			tls .6 is|are|be .1 disabled
			no new .3 can|may|will be
			won't|not be .1 included|returned|sent|delivered .6 any|anymore|longer|from|after|starting`),
		cues(signal(Removal), 4, inItem, `
			support removed|dropped $`),
		cues(signal(Deprecation), 4, isEnd, `
			turndown
			support .9 expires`),
		cues(signal(Deprecation), 4, 0, `
			is|are|been .1 abandoned
			repository|repo|package .2 been archived`),
	)
}
