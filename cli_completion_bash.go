package main

import (
	"bytes"
	"strings"

	"github.com/spf13/cobra"
)

// bashAlone takes the place of what the generated completion has of the package bash-completion, where that is not installed: the
// words before the cursor, not divided at = and :, and the names of files.
const bashAlone = `
# Where the package bash-completion is not there, these stand in for it.
__sparky_init_completion()
{
    COMPREPLY=()
    local line=${COMP_LINE:0:COMP_POINT}
    words=()
    read -ra words <<< "$line"
    if [[ -z $line || $line == *[[:space:]] ]]; then
        words+=("")
    fi
    cword=$((${#words[@]} - 1))
    cur=${words[cword]}
    prev=
    if ((cword > 0)); then
        prev=${words[cword - 1]}
    fi
}

__sparky_filedir()
{
    if declare -F _filedir >/dev/null 2>&1; then
        _filedir "$@"
        return
    fi
    local kind=-f found
    if [[ ${1-} == -d ]]; then
        kind=-d
    fi
    while IFS= read -r found; do
        if [[ $kind == -d || -z ${1-} || -d $found || $found == *.@($1) ]]; then
            COMPREPLY+=("$found")
        fi
    done < <(compgen "$kind" -- "$cur")
    if [[ $(type -t compopt) == builtin ]]; then
        compopt -o filenames 2>/dev/null
    fi
}
`

// bashCompletion is the completion for bash, which needs no other package there.
func bashCompletion(root *cobra.Command) (string, error) {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return "", err
	}
	// The last of two functions of one name is the one that is called.
	return strings.ReplaceAll(script.String(), "_filedir", "__sparky_filedir") + bashAlone, nil
}
