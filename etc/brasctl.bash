# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of brasctl: the daemon knows its commands.
_brasctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} word
	local -a options=() words=()
	local i=1
	while [ $i -lt "$COMP_CWORD" ]; do
		case ${COMP_WORDS[i]} in
		-i | -s) options+=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}"); i=$((i + 1)) ;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
		i=$((i + 1))
	done
	COMPREPLY=()
	if [ "${cur#-}" != "$cur" ]; then
		mapfile -t COMPREPLY < <(compgen -W "--json --watch --help -i -s" -- "$cur")
		return
	fi
	while IFS= read -r word; do
		[[ $word == "$cur"* ]] && COMPREPLY+=("$word")
	done < <(brasctl "${options[@]}" complete "${words[@]}" "$cur" --json 2> /dev/null |
		grep -o '"word":"[^"]*","help":"[^"]*","value":false' | cut -d'"' -f4)
	[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -F _brasctl brasctl
