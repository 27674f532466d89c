"""Lines that say when a text was touched, or count what happens around it: dates, times, comments, minutes of reading.

They change by themselves and are no words of an article's: such a line does not make a new version of it.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST_WORDS = 14  # a longer line is a sentence, whatever it is made of

# folded words, by what they are; languages in the order en de fr es it pt nl sv
MONTHS = """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    januar februar marz mai juni juli oktober dezember märz jänner
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
    januari februari maart mei augustus maj augusti
"""
DAYS = """
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
    montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so
    lundi mardi mercredi jeudi vendredi samedi dimanche
    lunes martes miércoles jueves viernes sábado domingo
    lunedì martedì mercoledì giovedì venerdì sabato domenica
    segunda terça quarta quinta sexta feira maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    måndag tisdag onsdag torsdag fredag lördag söndag
"""
TOUCHED = """
    updated published modified posted created first last edited reviewed stand aktualisiert veröffentlicht geändert
    publié mis mise jour actualisé modifié actualizado publicado modificado aggiornato pubblicato atualizado
    bijgewerkt gepubliceerd uppdaterad publicerad
"""
COUNTED = """
    comment comments kommentar kommentare commentaire commentaires comentario comentarios commento commenti
    comentário comentários reactie reacties view views read reads share shares like likes min mins minute minutes
    minuten hour hours stunden ago vor
"""
GLUE = "on at am um à le la el de del il em op den der the by a uhr h utc gmt cet cest est edt pst pdt bst pm il y"

TELLING = frozenset((MONTHS + TOUCHED + COUNTED).split())
STAMP_WORDS = TELLING | frozenset((DAYS + GLUE).split())


def is_stamp(words: Sequence[str]) -> bool:
    """Return whether folded words are a date line: numbers and words of stamps only, a telling one among them."""
    if not 0 < len(words) <= MOST_WORDS:
        return False
    numbers = False
    telling = False
    for word in words:
        if word[0].isdigit():
            numbers = True
        elif word not in STAMP_WORDS:
            return False
        telling = telling or word in TELLING
    return numbers and telling
