package changes

// changeCues are the ways to say that something integrators rely on behaves differently, without the word "breaking".
func changeCues() []cue {
	const says = signal(Breaking)
	return concat(
		cues(says, 4, 0, `
			new .3 limits|limiting|caps|quotas|restrictions .1 apply|applies
			limits|limiting|caps|quotas|throttling .1 will|now|also .2 apply|applies|count
			limits|limiting|caps|quotas|throttling .1 apply|applies|enforced|imposed from|as|starting|on|after|since
			introduc*|impos*|apply|applying|enforc* .3 rate|request|usage limits|limiting|throttling|caps
			introduc*|impos*|apply|applying|enforc* .1 throttling
			will .2 be .1 disconnected|throttled|terminated|suspended|invalidated|discarded|truncated
			will .2 be .1 logged|signed out
			updated|migrated|changed|modified|altered to .1 require|enforce|reject|mandate
			will .1 updated|changed|converted|switched|modified .1 from
			will update|change|convert .5 type|types|format|mapping|schema|encoding|structure
			will be updated|changed|converted|switched .1 from
			list|set .1 of .1 supported|accepted|allowed|trusted|permitted .4 has|have|is|are|was|will .2 updated|changed|reduced|change|replaced|narrowed
			will .1 return|use|send|have|receive|get|contain|show|require|expect .9 instead of
			will|now .2 return|returns|be|is|are null|empty|nothing
			will .1 mask|hide|redact|truncate|strip|omit|obfuscate
			limits|limitations|restrictions|rules|requirements .4 in effect|force
			now .1 applies|apply|enforces|enforce .3 restrictions|limits|rules|checks|validation
			minimum .4 target|level .3 is|to|now|will|raised|increased
			will .1 not .1 receive|include|contain|get|return|send|appear|trigger|fire
			^ disallow|disallows|forbid|forbids|prohibit|prohibits
			are|is disallowed|forbidden|prohibited|rejected
			format|schema|structure|signature|shape|layout changed|changes
			now take|takes|have|has the|a form|shape|format
			will|may|might|would|can|could .1 cause|result|lead .4 compilation|compile|compiler|build|type error|errors|failure|failures
			updated|changed|modified|altered .2 to .1 require|enforce|mandate
			unauthenticated|unauthorized|anonymous|unsigned requests|calls|clients .5 return|returns|get|receive|fail .3 401|403|error|errors
			updat*|chang*|modif*|alter* .4 field|column|property|attribute|parameter|event|key|header name|names
			^ changes|change to|in .5 error|errors|output|outputs|default|defaults|response|responses|columns|privilege|privileges`),
	)
}

// lessCues are the ways to say that there is less of something than there was, or that it asks for more.
func lessCues() []cue {
	const says = signal(Breaking)
	return concat(
		cues(says, 4, 0, `
			loses|lose|losing .1 access|support|the|its|all|api
			timestamps|dates|times|amounts|ids|values|results .2 are|is now .1 in|as|returned|formatted|expressed|sorted
			is|are returned|sent|sorted|stored|encoded|measured|counted .4 instead|rather of|than
			now .1 expire|expires|expiring
			get|gets|getting disabled|suspended|blocked
			tighten*|shorten* .5 timeout|timeouts|limit|limits|window|retention|lifetime|validation|quota|rules
			timeout|timeouts|limit|window|lifetime|retention|quota|maximum .4 drops|falls|shrinks|decreases|goes .2 from|to
			minimum .4 becomes|rises|increases
			now the minimum
			this|new|the version|release|update .1 requires|needs
			return|returns|get|gets|receive|receives 410
			capped at
			now fail
			is|are refused|rejected|denied as|from|since|starting|after
			only .5 is|are .1 accepted
			need|needs|have|has to .1 reconnect|re-register|recreate
			must .1 reconnect|re-authorize|reauthorize|re-authenticate|reauthenticate|reinstall|regenerate|rotate|re-register|recreate
			need|needs|have|has to .1 consent|re-authorize|reauthorize|reconnect|re-authenticate|reauthenticate|reinstall|regenerate|rotate
			may|can|could|might|will now .1 be .1 null|empty|omitted|absent|missing|nullable
			is|are now nullable
			become|becomes nullable
			now .1 throw|throws|raise|raises|fails|errors|validates|rejects|ignores|refuses
			now .9 rather than
			maximum|max|page|batch .4 reduced|lowered|decreased|capped to|at
			requests|calls|clients|apps|callers|integrations .3 are required to
			now .9 down from
			now .5 in place of
			return|returns|send|sends|use|uses|sorted|ordered .5 in place of
			output|response|responses|result|results|columns|meaning|encoding|precision|units|casing|semantics .5 has|have .1 changed
			now use|uses|follow|follows|return|returns .4 format|encoding|notation|convention|serialization
			chang*|flip*|revers*|switch* .2 default|defaults
			default|defaults .4 is|are now
			is|are now .1 ignored|disregarded|discarded
			ignored|refused|rejected|disregarded from now|version
			make|makes|making .6 a|an required|mandatory|compulsory
			effective|applies immediately|today .1 use|send|switch|replace
			update|add|adjust|change|review|check|refresh .4 allowlist|allowlists|allow-list|allow-lists|whitelist|whitelists|firewall|firewalls|safelist
			update|add|adjust|change|review|check|refresh .4 allow list|lists
			ip|egress .2 address|addresses|range|ranges|block|blocks .4 change|changes|changing|changed|replaced
			without|lacking|missing|omit|omits|omitting .6 get|gets|receive|receives|return|returns|fail|fails .3 400|401|403|404|410|422|426|error`),
	)
}

// changeInCompanyCues are those that say so only beside a thing, a name or a day.
func changeInCompanyCues() []cue {
	const says = signal(Breaking)
	return concat(
		cues(says, 4, withThing, `
			is|are|be now .1 limited|capped|restricted|throttled|subject
			will be .1 limited|capped|restricted|throttled
			maximum|max|page|batch|lifetime|ttl|expiry|expiration|retention|window .4 reduced|lowered|decreased|shortened|cut
			has|have|is|are|been .1 reduced|restricted|narrowed|cut to
			login|logins|authentication|calls|requests|traffic .5 are|is .1 blocked|rejected|denied|refused|disallowed
			flow|token|tokens|expiration|header|key|scope|permission|signature|consent|pkce|mfa .3 required|enforced for|on
			is|are|be now needed|necessary|expected|enforced
			is|are enforced .2 for|on|across
			has|have a new|different shape|format|structure|schema|layout|signature
			does|do|will not|no .1 accept|work|exist`),
		cues(says, 4, withThing, `
			we're|we|are migrating|moving|switching|transitioning .1 from
			update|adapt|adjust your .2 code|project|integration|scripts|clients .3 following|accordingly
			accordingly
			will .1 convert|switch|migrate|move all|existing|every|your`),
		cues(says, 4, betweenNames, `
			becomes|become|renamed
			is|are now .1 called|named|known
			replaces|replaced by`),
		cues(says, 4, withDate, `
			ip|egress .2 address|addresses|range|ranges|blocks
			accepted|supported|allowed .5 updated|changed
			ignores|rejects|refuses|drops|blocks
			must .1 match|answer|respond|contain|have|exist
			requirement|requirements|limits|rules|restrictions .6 effective|starting|beginning|take|takes`),
		cues(says, 2, 0, `
			use .6 instead of
			from now on
			expire|expires
			must be|match`),
	)
}

// fadingCues are the ways to say that something gets no more care, without the word "deprecated".
func fadingCues() []cue {
	const says = signal(Deprecation)
	return concat(
		cues(says, 4, 0, `
			marked|marks|mark .3 as obsolete|deprecated|legacy
			being|getting replaced by|with
			on .1 way out
			delisted
			extend*|postpon*|delay*|push* .4 deadline|shutdown|retirement|sunset|removal|end-of-life|deprecation
			replaced|replaces .2 field|fields|parameter|parameters|method|methods|endpoint|endpoints|property|header|argument .6 with|by
			still be available|supported|accepted for|until
			access to .5 ends|ending|closes
			brownout|brownouts|brown-out|brown-outs
			enter|enters|entering|becomes|become|goes|go|into .1 read-only|sustaining|support-only mode|state|phase
			in|into|under sustaining|sustainment|support-only mode|engineering
			no longer .2 investing|invest
			gets|get|receives|receive|receiving .1 no .2 updates|fixes|patches|features|support
			no longer .3 update|updated|updates|improve|improved|maintain|patch|patched
			only .1 receive|receives|receiving|get|gets .4 fixes|patches|security
			no .3 updates|development|features|releases .2 planned
			is|are|becomes|become obsolete
			say|saying|time goodbye|farewell
			goodbye|farewell to
			migrate|migrating|move|moving|switch off of|v1|v2|v3|the|from|legacy`),
		cues(says, 4, isEnd, `
			end-of-life|EOL|sunset|retire .1 the|our`),
		cues(says, 4, withThing, `
			deprecates the|all|support
			fully|also|now|officially|formally deprecates
			replaces|replacing the|its .1 former|old|legacy|previous`),
		cues(says, 4, isEnd|inTitle|withThing, `
			shutdown|shut-down $`),
		cues(says, 2, 0, `
			maintenance mode`),
	)
}

// closingCues are the ways to say that nothing new of a kind can be made any more.
func closingCues() []cue {
	const says = signal(Removal)
	return concat(
		cues(says, 4, withThing, `
			^ new .6 can't|cannot|won't be .1 created|added|deployed|provisioned|issued|registered
			stop|stops|stopped|stopping .1 resolving|validating|routing|redirecting|authenticating`),
		cues(says, 4, afterName, `
			removed|dropped|deleted from|in|as|which|since|because|due|entirely|completely
			removed|dropped|deleted $`),
		cues(says, 4, 0, `
			limited|restricted|closed to existing customers|users|accounts
			closed to new
			is|are|been disabled|blocked|closed for new|all|existing|every
			be|is|are|was|been|being taken|pulled offline|down|from
			goes|go|going dark|offline
			is|are|becomes|become unsupported
			also|release|version|update .1 removes|drops|deletes|disables
			removes|drops|disables support|access
			temporarily|currently disabled`),
	)
}
